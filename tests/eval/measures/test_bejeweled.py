import pytest

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.bejeweled import BPM


def test_worked_values(judged: JudgedRun) -> None:
    """b at rank 2 gains 2/3, d at rank 4 1/3: a whole gain is reached at rank 4, two thirds at rank 2."""
    assert BPM(10, max_rel=3).per_query(judged) == pytest.approx([1 / 4, 0, 0])
    assert BPM(10, max_rel=3, T=0.6).per_query(judged) == pytest.approx([2 / 3 / 2, 0, 0])
    assert BPM(3, max_rel=3).per_query(judged) == pytest.approx([2 / 3 / 3, 0, 0])
    assert BPM(10, max_rel=3, T=2.0).per_query(judged) == pytest.approx([1 / 10, 0, 0])
