import pytest

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.set_measures import SetAP, SetF, SetP, SetR


def test_worked_values(judged: JudgedRun) -> None:
    """Two of three relevant documents among five."""
    assert SetP().per_query(judged).tolist() == [2 / 5, 0, 0]
    assert SetP(relative=True).per_query(judged).tolist() == [2 / 3, 0, 0]
    assert SetR().per_query(judged).tolist() == [2 / 3, 0, 0]
    assert SetF().per_query(judged) == pytest.approx([2 * 2 / (5 + 3), 0, 0])
    assert SetF(beta=2).per_query(judged) == pytest.approx([3 * 2 / 5 * 2 / 3 / (2 / 3 + 2 * 2 / 5), 0, 0])
    assert SetAP().per_query(judged) == pytest.approx([2 / 5 * 2 / 3, 0, 0])
    assert SetP(judged_only=True).per_query(judged).tolist() == [2 / 3, 0, 0]  # b, c, d
