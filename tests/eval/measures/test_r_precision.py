from irloom.eval.judged import JudgedRun
from irloom.eval.measures.r_precision import Rprec


def test_worked_values(judged: JudgedRun) -> None:
    """Three are relevant; b is the only one of them among the first three. From grade 2 on two are, and b is among the first two."""
    assert Rprec().per_query(judged).tolist() == [1 / 3, 0, 0]
    assert Rprec(rel=2).per_query(judged).tolist() == [1 / 2, 0, 0]
    assert Rprec(judged_only=True).per_query(judged).tolist() == [2 / 3, 0, 0]  # b, c, d are left
