from irloom.eval.judged import JudgedRun
from irloom.eval.measures.counts import NumQ, NumRel, NumRet


def test_worked_values(judged: JudgedRun) -> None:
    assert NumQ().per_query(judged).tolist() == [1, 1, 1]
    assert NumRet().per_query(judged, min_grade=2).tolist() == [5, 2, 0]
    assert NumRet(rel=1).per_query(judged, min_grade=2).tolist() == [2, 0, 0]
    assert NumRel().per_query(judged).tolist() == [3, 0, 1]
    assert NumRel().per_query(judged, min_grade=2).tolist() == [2, 0, 0]
