"""Heaps of the best k against a sort."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.indexing.kernels.topk import take_best


@settings(max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(1, 12), st.integers(1, 9))
def test_equals_a_sort(values: list[int], k: int, block: int) -> None:
    n = len(values)
    scores = np.array([values], np.float32)
    ranks = np.random.default_rng(n * k).permutation(n).astype(np.int32)
    sizes, rows, queries = np.zeros(1, np.int64), scores.reshape(n, 1).copy(), np.ones((1, 1))
    heaps = np.zeros((1, k), np.float32), np.zeros((1, k), np.int32), np.zeros((1, k), np.int64)
    for first in range(0, n, block):
        part = slice(first, first + block)
        take_best(
            np.ascontiguousarray(scores[:, part]),
            np.zeros(1),
            rows[part],
            queries,
            np.empty((0, 0), np.bool_),
            ranks[part],
            first,
            sizes,
            *heaps,
        )
    best = sorted(range(n), key=lambda place: (-values[place], ranks[place]))[:k]
    assert sizes[0] == len(best)
    found = [heap[0, : len(best)] for heap in heaps]
    order = np.lexsort((found[1], -found[0]))
    assert found[2][order].tolist() == best
    assert found[0][order].tolist() == [values[place] for place in best]


def test_rough_scores_within_the_slack_lose_nobody() -> None:
    """The rough scores are off by up to the slack, in the worst direction for the best document."""
    rows = np.array([[5.0], [4.0], [6.0], [1.0]], np.float32)
    heaps = np.zeros((1, 1), np.float32), np.zeros((1, 1), np.int32), np.zeros((1, 1), np.int64)
    rough = np.array([[7.0, 6.0, 4.0, -1.0]], np.float32)  # true: 5, 4, 6, 1
    take_best(
        rough,
        np.array([2.0]),
        rows,
        np.ones((1, 1)),
        np.empty((0, 0), np.bool_),
        np.arange(4, dtype=np.int32),
        10,
        np.zeros(1, np.int64),
        *heaps,
    )
    assert (heaps[0][0, 0], heaps[2][0, 0]) == (6, 12)
