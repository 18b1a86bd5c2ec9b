"""Windows: the published plan, and orders against sorting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.rerankers.attention.windows import longest_that_fits, most_that_fit, window_order


def plan(n: int, size: int, stride: int) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []

    def score(places) -> np.ndarray:
        seen.append((min(places), max(places) + 1))
        return np.zeros(len(places), np.float32)

    window_order(n, size=size, stride=stride, score=score)
    return seen


def test_the_published_plan() -> None:
    assert len(plan(100, 20, 10)) == 9
    assert plan(25, 20, 10) == [(5, 25), (0, 15)]
    assert plan(15, 20, 10) == [(0, 15)]
    assert plan(1, 20, 10) == [(0, 1)]


@given(st.integers(1, 30), st.integers(2, 9), st.integers(1, 9), st.integers(0, 99))
def test_nothing_is_lost_and_the_best_rise(n: int, size: int, stride: int, seed: int) -> None:
    stride = min(stride, size)
    worth = np.random.default_rng(seed).integers(0, 5, n).astype(np.float32)
    order, windows = window_order(n, size=size, stride=stride, score=lambda places: worth[list(places)])
    assert sorted(order) == list(range(n))
    assert windows == 1 + max(0, -(-(n - size) // stride))
    carried = min(n, size - stride + 1) if stride < size else 1
    if n <= size:
        assert order == sorted(range(n), key=lambda place: -worth[place])
    elif stride < size:
        assert worth[order[0]] == worth.max()
    assert carried >= 1


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.integers(0, 300))
def test_what_fits(lengths: list[int], room: int) -> None:
    size = most_that_fit(lengths, room)
    longest = sorted(lengths, reverse=True)
    assert sum(longest[:size]) <= room
    assert size == len(lengths) or sum(longest[: size + 1]) > room
    most = longest_that_fits(lengths, room)
    assert sum(min(length, most) for length in lengths) <= room
    assert most == max(lengths) or sum(min(length, most + 1) for length in lengths) > room


def test_equal_scores_keep_the_order() -> None:
    assert window_order(7, size=4, stride=2, score=lambda places: np.zeros(len(places), np.float32))[0] == list(range(7))
    with pytest.raises(ZeroDivisionError):
        window_order(3, size=2, stride=1, score=lambda places: 1 / 0)
