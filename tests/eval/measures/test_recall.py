from irloom.eval.judged import JudgedRun
from irloom.eval.measures.recall import R


def test_worked_values(judged: JudgedRun) -> None:
    assert R(2).per_query(judged).tolist() == [1 / 3, 0, 0]
    assert R(100).per_query(judged).tolist() == [2 / 3, 0, 0]
    assert R().per_query(judged).tolist() == [2 / 3, 0, 0]
    assert R(100, rel=2).per_query(judged).tolist() == [1 / 2, 0, 0]
