from irloom.eval.judged import JudgedRun
from irloom.eval.measures.reciprocal_rank import RR


def test_worked_values(judged: JudgedRun) -> None:
    assert RR().per_query(judged).tolist() == [1 / 2, 0, 0]  # b
    assert RR(1).per_query(judged).tolist() == [0, 0, 0]
    assert RR(2).per_query(judged).tolist() == [1 / 2, 0, 0]
    assert RR(rel=3).per_query(judged).tolist() == [0, 0, 0]  # f is not found
    assert RR().per_query(judged, min_grade=3).tolist() == [0, 0, 0]
