from irloom.eval.judged import JudgedRun
from irloom.eval.measures.precision import P


def test_worked_values(judged: JudgedRun) -> None:
    assert P(2).per_query(judged).tolist() == [1 / 2, 0, 0]
    assert P(10).per_query(judged).tolist() == [2 / 10, 0, 0]  # over the cut, though only five were retrieved
    assert P().per_query(judged).tolist() == [2 / 5, 0, 0]
    assert P(5, rel=2).per_query(judged).tolist() == [1 / 5, 0, 0]
