from math import log2

import pytest

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.scaled_dcg import SDCG


def test_worked_values(judged: JudgedRun) -> None:
    best = sum(1 / log2(rank + 1) for rank in range(1, 6))
    assert SDCG(5, max_rel=3).per_query(judged) == pytest.approx([(2 / 3 / log2(3) + 1 / 3 / log2(5)) / best, 0, 0])
    assert SDCG(2, max_rel=2).per_query(judged) == pytest.approx([1 / log2(3) / (1 + 1 / log2(3)), 0, 0])
