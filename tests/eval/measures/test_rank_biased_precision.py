import pytest

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.rank_biased_precision import RBP


def test_worked_values(judged: JudgedRun) -> None:
    """b at rank 2 and d at rank 4."""
    assert RBP().per_query(judged) == pytest.approx([0.2 * (0.8 + 0.8**3), 0, 0])
    assert RBP(3, p=0.5).per_query(judged) == pytest.approx([0.5 * 0.5, 0, 0])
    assert RBP(rel=2, p=0.5).per_query(judged) == pytest.approx([0.5 * 0.5, 0, 0])
    assert RBP(p=0).per_query(judged).tolist() == [0, 0, 0]
