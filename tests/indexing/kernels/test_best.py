"""Picking sums and choosing the best against numpy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irloom.indexing.kernels.best import BIN_SHIFT, BINS, best_first, best_unsorted, bin_of, keep_allowed, pick


@given(st.lists(st.sampled_from([0.0, 1e-20, 0.5, 1.0, 3.0]), min_size=1, max_size=200), st.sampled_from([1e-30, 0.5, 0.75, 4.0]))
def test_pick(values: list[float], least: float) -> None:
    size = -(-len(values) // 64) * 64
    sums, flags, passing = np.zeros(size, np.float32), np.empty(size, np.uint8), np.empty(size, np.int32)
    sums[: len(values)] = values
    count = pick(sums, len(values), np.float32(least), flags, passing)
    assert passing[:count].tolist() == np.flatnonzero(sums[: len(values)] >= np.float32(least)).tolist()


@given(st.lists(st.floats(2**-10, 50, width=32), min_size=1, max_size=400), st.integers(1, 50))
def test_best_first(values: list[float], k: int) -> None:
    scores = np.array(values, np.float32)
    rank = np.random.default_rng(0).permutation(len(values)).astype(np.int32)
    order = np.argsort(rank).astype(np.int32)
    origin = int(scores.max().view(np.int32) >> BIN_SHIFT) + 2 - BINS
    places = [bin_of(np.int32(bits), origin) for bits in scores.view(np.int32)]
    bins = np.bincount(places, minlength=BINS).astype(np.int32)
    lowest = int(np.sort(places)[::-1][min(k, len(values)) - 1])
    docs, out_docs, out_scores = np.arange(len(values), dtype=np.int32), np.empty(k, np.int64), np.empty(k, np.float32)
    rank.flags.writeable = False
    found = best_first(docs, scores, len(values), k, bins, lowest, BINS - 1, origin, rank, order, out_docs, out_scores)
    expected = np.lexsort((rank, -scores))[:k]
    assert found == len(expected)
    np.testing.assert_array_equal(out_docs[:found], expected)
    np.testing.assert_array_equal(out_scores[:found], scores[expected])


@given(st.lists(st.sampled_from([0.1, 0.5, 0.50001, 0.75, 1.0, 3.0]), min_size=1, max_size=400), st.integers(1, 50))
def test_best_unsorted_has_the_same_documents(values: list[float], k: int) -> None:
    scores = np.array(values, np.float32)
    rank = np.random.default_rng(0).permutation(len(values)).astype(np.int32)
    order = np.argsort(rank).astype(np.int32)
    origin = int(scores.max().view(np.int32) >> BIN_SHIFT) + 2 - BINS
    places = [bin_of(np.int32(bits), origin) for bits in scores.view(np.int32)]
    bins = np.bincount(places, minlength=BINS).astype(np.int32)
    lowest = int(np.sort(places)[::-1][min(k, len(values)) - 1])
    docs, out_docs, out_scores = np.arange(len(values), dtype=np.int32), np.empty(k, np.int64), np.empty(k, np.float32)
    rank.flags.writeable = False
    found = best_unsorted(docs, scores, len(values), k, bins, lowest, origin, rank, order, out_docs, out_scores)
    expected = np.lexsort((rank, -scores))[:k]
    assert sorted(out_docs[:found].tolist()) == sorted(expected.tolist())
    np.testing.assert_array_equal(out_scores[:found], scores[out_docs[:found]])


def test_keep_allowed() -> None:
    allowed, passing = np.array([True, False, True, True]), np.array([0, 1, 3], np.int32)
    assert keep_allowed(allowed, passing, 3) == 2
    assert passing[:2].tolist() == [0, 3]
