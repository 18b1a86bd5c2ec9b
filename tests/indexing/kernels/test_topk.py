"""Candidates and their best against a sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irloom.indexing.kernels.topk import Candidates, best_of, cut, keep_best, order_key

SCORES = st.lists(st.sampled_from([-2.0, -0.0, 0.0, 1.0, 1.5, 2.0]), min_size=1, max_size=40)


def candidates(values: list[float], settled: int) -> Candidates:
    """Those of one query, at the positions from 0 on."""
    scores, positions = np.array([[*values, 9.0]], np.float32), np.arange(len(values) + 1, dtype=np.int64)[None]
    return Candidates(np.array([len(values)]), np.array([settled]), scores, positions.copy())


def ranks_of(count: int) -> NDArray[np.int32]:
    return np.random.default_rng(count).permutation(count).astype(np.int32)


def best(values: list[float], ranks: NDArray[np.int32]) -> list[int]:
    return sorted(range(len(values)), key=lambda place: (-values[place], ranks[place]))


@settings(max_examples=60)
@given(SCORES, st.integers(1, 12))
def test_the_best_in_order(values: list[float], k: int) -> None:
    ranks, found = ranks_of(len(values)), candidates(values, len(values))
    if len(values) > k:
        keep_best(found, 0, k, ranks)
        assert sorted(found.positions[0, : found.sizes[0]].tolist()) == sorted(best(values, ranks)[:k])
        assert found.settled[0] == found.sizes[0] == k
    scores, positions = np.full((1, k), -np.inf, np.float32), np.full((1, k), -1, np.int64)
    best_of(found.sizes[None], found.scores[None], found.positions[None], ranks, scores, positions)
    wanted = best(values, ranks)[:k]
    assert positions[0].tolist() == wanted + [-1] * (k - len(wanted))
    assert scores[0, : len(wanted)].tolist() == [values[place] for place in wanted]


def test_several_gatherings_are_one() -> None:
    sizes = np.array([[2], [0], [1]])
    scores = np.array([[[3.0, 1.0]], [[9.0, 9.0]], [[3.0, 9.0]]], np.float32)
    positions = np.array([[[4, 0]], [[1, 2]], [[3, 5]]])
    best_scores, best_positions = np.zeros((1, 2), np.float32), np.zeros((1, 2), np.int64)
    best_of(sizes, scores, positions, np.array([5, 4, 3, 2, 1, 0], np.int32), best_scores, best_positions)
    assert best_positions.tolist() == [[4, 3]]
    assert best_scores.tolist() == [[3, 3]]


@settings(max_examples=60)
@given(SCORES, st.integers(1, 12), st.integers(0, 40), st.sampled_from([0.0, 0.5]))
def test_a_cut_drops_what_cannot_be_among_the_best(values: list[float], k: int, settled: int, slack: float) -> None:
    found = candidates(values, min(settled, len(values)))
    least = cut(found, 0, k, slack)
    if len(values) < k:
        assert least == -np.inf
    else:
        assert least == sorted(values, reverse=True)[k - 1] - 2 * slack
    kept = [place for place in range(len(values)) if values[place] >= least]
    assert found.positions[0, : found.sizes[0]].tolist() == kept
    assert found.settled[0] == sum(place < settled for place in kept)


@pytest.mark.parametrize(("greater", "less"), [(2.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, -2.0), (1e-45, -0.0), (3e38, 2e38)])
def test_keys_order_scores_then_ranks(greater: float, less: float) -> None:
    assert order_key(np.float32(greater), 7) < order_key(np.float32(less), 3)
    assert order_key(np.float32(greater), 3) < order_key(np.float32(greater), 7)
    assert order_key(np.float32(-0.0), 3) == order_key(np.float32(0.0), 3)
