"""Tau against scipy and by hand; tau-AP against its definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.eval.kendall import kendall_tau, kendall_tau_a, tau_ap

VALUES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=9)


@given(VALUES)
def test_equal_to_counting_pairs(pairs: list[tuple[int, int]]) -> None:
    signs = [(a - c, b - d) for place, (a, b) in enumerate(pairs) for c, d in pairs[:place]]
    score = sum(int(np.sign(x)) * int(np.sign(y)) for x, y in signs)
    scale = math.sqrt(sum(x != 0 for x, _ in signs) * sum(y != 0 for _, y in signs))
    found = kendall_tau([a for a, _ in pairs], [b for _, b in pairs])
    assert found == pytest.approx(score / scale) if scale else math.isnan(found)


@pytest.mark.parametrize("levels", [3, 1000])
def test_equal_to_scipy_on_long_lists(levels: int) -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    rng = np.random.default_rng(3)
    for size in (65, 200, 999):
        first = rng.integers(0, levels, size)
        second = first + rng.integers(0, levels, size)
        assert kendall_tau(first, second) == pytest.approx(stats.kendalltau(first, second).statistic, abs=1e-12)


def test_tau_ap_by_hand() -> None:
    # order of the estimate: a c b d, right: a b c d. Right above: c 1/1, b 1/2, d 3/3; 2/3 * (1 + .5 + 1) - 1
    assert tau_ap([4, 2, 3, 1], [4, 3, 2, 1]) == pytest.approx(2 / 3 * 2.5 - 1)
    # a swap at the top costs more: c 0/1, then 1 and 1
    assert tau_ap([3, 4, 2, 1], [4, 3, 2, 1]) == pytest.approx(2 / 3 * 2 - 1)
    assert tau_ap([1, 2, 3], [10, 20, 30]) == 1
    assert tau_ap([1, 2, 3], [30, 20, 10]) == -1


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_tau_ap_equals_its_definition(estimate: list[int], truth: list[int]) -> None:
    order = sorted(range(6), key=lambda item: -estimate[item])
    correct = [sum(truth[above] > truth[order[i]] for above in order[:i]) / i for i in range(1, 6)]
    assert tau_ap(estimate, truth) == pytest.approx(2 / 5 * sum(correct) - 1)


def test_refused() -> None:
    with pytest.raises(BadValue, match="same length"):
        kendall_tau([1, 2], [1])
    with pytest.raises(BadValue, match="NaN"):
        kendall_tau([1, math.nan], [1, 2])
    with pytest.raises(BadValue, match="two values"):
        tau_ap([1], [1])
    with pytest.raises(BadValue, match="truth is"):
        tau_ap([1, 2], [1, 1])


def test_tau_a_of_ties_counts_all_pairs() -> None:
    """Three pairs, one of them tied: two concordant of three; tau-b leaves the tie out of one root."""
    assert kendall_tau_a([1, 1, 2], [1, 2, 3]) == pytest.approx(2 / 3)
    assert kendall_tau([1, 1, 2], [1, 2, 3]) == pytest.approx(2 / (2 * 3) ** 0.5)
    assert kendall_tau_a([0.5, 0.4, 0.3, 0.2, 0.1], [0.52, 0.45, 0.25, 0.30, 0.05]) == pytest.approx(0.8)
    assert np.isnan(kendall_tau_a([1], [1]))
