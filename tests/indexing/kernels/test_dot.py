"""Inner products in the documented order; float16 made float32."""

import numpy as np

from irloom.indexing.kernels.dot import fixed_dot, fixed_dots, fixed_dots_of_halves, rough_dots, widen


def test_sums_in_eight_lanes() -> None:
    # 2^60 swallows the 1 beside it in float64; in lanes of their own the ones survive until the tree adds the two halves.
    row = np.array([2.0**60, 1, -(2.0**60), 1, 0, 0, 0, 0, 4], np.float32)
    # lanes: (2^60 + 4, 1), (-2^60, 1): 2^60 + 4 = 2^60 in float64; (2^60 + 1) + (-2^60 + 1) = 2^60 - 2^60 = 0
    assert fixed_dot(row, np.ones(9)) == 0
    assert fixed_dot(row[[0, 2, 1, 3, 4, 5, 6, 7, 8]], np.ones(9)) == 2  # (2^60 - 2^60) + (1 + 1)


def test_every_width() -> None:
    rng = np.random.default_rng(0)
    for dim in (1, 7, 8, 9, 100):
        row, query = rng.standard_normal(dim).astype(np.float32), rng.standard_normal(dim)
        assert np.isclose(fixed_dot(row, query), row.astype(np.float64) @ query, rtol=1e-6, atol=1e-7)


def test_rough_scores_of_some_rows() -> None:
    rng = np.random.default_rng(1)
    for dim in (1, 8, 37):
        rows = rng.standard_normal((50, dim)).astype(np.float32)
        for count in (0, 1, 3, 4, 9):
            places = rng.integers(0, 50, 12)
            for queries in (rng.standard_normal((number, dim)).astype(np.float32) for number in (1, 4, 8)):
                scores = np.full((len(queries), 12), 7, np.float32)
                rough_dots(rows, places, count, queries, scores)
                assert np.allclose(scores[:, :count], queries @ rows[places[:count]].T, rtol=1e-4, atol=1e-5)
                assert (scores[:, count:] == 7).all()


def test_fixed_scores_of_candidates() -> None:
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((5, 9)).astype(np.float16)
    queries = rng.standard_normal((2, 9))
    positions = np.array([[10, 14, -1], [9, 15, 12]])
    for whole in (True, False):
        scores = np.zeros((2, 3), np.float32)
        if whole:
            fixed_dots(rows.astype(np.float32), 10, queries, positions, scores)
        else:
            fixed_dots_of_halves(rows.view(np.uint16), 10, queries, positions, scores)
        wide = rows.astype(np.float32)
        expected = [[fixed_dot(wide[0], queries[0]), fixed_dot(wide[4], queries[0]), 0], [0, 0, fixed_dot(wide[2], queries[1])]]
        assert scores.tolist() == expected


def test_every_finite_half() -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    bits = bits[np.isfinite(bits.view(np.float16))]
    out = np.empty(bits.shape, np.float32)
    widen(bits, out)
    assert out.tobytes() == bits.view(np.float16).astype(np.float32).tobytes()
