"""Spearman's rho."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.eval.spearman import spearman_rho


def test_worked_values() -> None:
    """Without ties 1 - 6 sum d^2 / (n (n^2 - 1)): ranks 1 2 3 4 5 and 1 2 4 3 5 give 1 - 12 / 120. With ties: ranks 1.5 1.5 3 and 1 2 3."""
    assert spearman_rho([0.5, 0.4, 0.3, 0.2, 0.1], [0.52, 0.45, 0.25, 0.30, 0.05]) == pytest.approx(0.9)
    assert spearman_rho([1, 1, 2], [1, 2, 3]) == pytest.approx(1.5 / math.sqrt(1.5 * 2))
    assert spearman_rho([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert math.isnan(spearman_rho([1, 1], [1, 2]))
    assert math.isnan(spearman_rho([], []))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=12))
def test_it_is_the_correlation_of_brute_force_ranks(pairs: list[tuple[int, int]]) -> None:
    lists = [[pair[side] for pair in pairs] for side in (0, 1)]
    ranks = [[np.mean([place for place, other in enumerate(sorted(row)) if other == value]) for value in row] for row in lists]
    found = spearman_rho(*lists)
    if len(set(lists[0])) == 1 or len(set(lists[1])) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(np.corrcoef(ranks)[0, 1])


def test_refused() -> None:
    for first, second in (([1], [1, 2]), ([float("nan")], [1])):
        with pytest.raises(BadValue):
            spearman_rho(first, second)
