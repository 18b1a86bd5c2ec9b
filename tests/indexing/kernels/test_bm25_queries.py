"""The order of a query's terms against Python's sort."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irloom.indexing.kernels.bm25_queries import order_terms, part_of

IDF = np.array([0.0, 0.25, 0.5, 0.5, 0.5, 2.0, 1e-3])
HASHES = np.array([3, 1, 9, 7, 8, 2, 0], np.uint32)


@given(st.lists(st.lists(st.integers(0, 6), max_size=12), min_size=1, max_size=5))
def test_falling_weight_then_hash(token_lists: list[list[int]]) -> None:
    offsets = np.cumsum([0, *map(len, token_lists)]).astype(np.int64)
    wanted = np.array([row for tokens in token_lists for row in tokens], np.int32)
    queries = order_terms(wanted, offsets, HASHES, IDF, 2.0, 0.5)
    for place, tokens in enumerate(token_lists):
        expected = sorted({row for row in tokens if IDF[row]}, key=lambda row: (-tokens.count(row) * IDF[row], HASHES[row]))
        for part, query in ((queries, place), (part_of(queries, place, place + 1), 0)):
            own = slice(int(part.offsets[query]), int(part.offsets[query + 1]))
            assert part.rows[own].tolist() == expected
            np.testing.assert_array_equal(part.weights[own], np.array([tokens.count(row) * IDF[row] * 2 for row in expected], np.float32))
            np.testing.assert_array_equal(part.extras[own], np.array([tokens.count(row) * IDF[row] / 2 for row in expected], np.float32))
            assert np.isclose(part.limits[query], (part.weights[own] + part.extras[own]).sum())


def test_equal_hashes_are_kept_apart() -> None:
    queries = order_terms(np.array([1, 0, 1], np.int32), np.array([0, 3]), np.zeros(2, np.uint32), np.array([1.0, 1.0]), 1.0, 0.0)
    assert dict(zip(queries.rows.tolist(), queries.weights.tolist(), strict=True)) == {0: 1.0, 1: 2.0}
