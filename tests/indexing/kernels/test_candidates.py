"""The best of candidates against a sort in plain numpy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irloom.indexing.kernels.candidates import best_candidates


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 12))
def test_as_a_sort(seed: int, width: int, k: int) -> None:
    """Few different scores, so that most tie; some candidates are none."""
    rng = np.random.default_rng(seed)
    rank = rng.permutation(60).astype(np.int32)
    found = np.stack([rng.permutation(60)[:width] for _ in range(3)]).astype(np.int64)
    found[rng.random(found.shape) < 0.2] = -1
    given_scores = rng.integers(-2, 2, found.shape).astype(np.float32)
    scores, positions = np.full((3, k), -np.inf, np.float32), np.full((3, k), -1, np.int64)
    best_candidates(found, given_scores, rank, scores, positions)
    for row in range(3):
        there = np.flatnonzero(found[row] >= 0)
        order = there[np.lexsort((rank[found[row, there]], -given_scores[row, there]))][:k]
        assert positions[row, : len(order)].tolist() == found[row, order].tolist()
        assert scores[row, : len(order)].tolist() == given_scores[row, order].tolist()
        assert (positions[row, len(order) :] == -1).all()
        assert np.isneginf(scores[row, len(order) :]).all()
