from irloom.eval.judged import JudgedRun
from irloom.eval.measures.success import Success


def test_worked_values(judged: JudgedRun) -> None:
    assert Success(1).per_query(judged).tolist() == [0, 0, 0]
    assert Success(2).per_query(judged).tolist() == [1, 0, 0]
    assert Success(rel=3).per_query(judged).tolist() == [0, 0, 0]
