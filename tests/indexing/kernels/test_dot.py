"""Inner products in the documented order; float16 made float32."""

import numpy as np

from irloom.indexing.kernels.dot import fixed_dot, fixed_scores, widen


def test_sums_in_eight_lanes() -> None:
    # 2^60 swallows the 1 beside it in float64; in lanes of their own the ones survive until the tree adds the two halves.
    row = np.array([2.0**60, 1, -(2.0**60), 1, 0, 0, 0, 0, 4], np.float32)
    # lanes: (2^60 + 4, 1), (-2^60, 1): 2^60 + 4 = 2^60 in float64; (2^60 + 1) + (-2^60 + 1) = 2^60 - 2^60 = 0
    assert fixed_dot(row, np.ones(9)) == 0
    assert fixed_dot(row[[0, 2, 1, 3, 4, 5, 6, 7, 8]], np.ones(9)) == 2  # (2^60 - 2^60) + (1 + 1)


def test_all_pairs_equal_single_ones() -> None:
    rng = np.random.default_rng(0)
    for dim in (1, 7, 8, 9, 100):
        rows, queries = rng.standard_normal((6, dim)).astype(np.float32), rng.standard_normal((4, dim))
        scores = np.empty((4, 6), np.float32)
        fixed_scores(rows, queries, scores)
        assert all(scores[i, j] == fixed_dot(rows[j], queries[i]) for i in range(4) for j in range(6))
        assert np.allclose(scores, queries @ rows.T, rtol=1e-5, atol=1e-6)


def test_every_finite_half() -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    bits = bits[np.isfinite(bits.view(np.float16))].reshape(-1, 4)
    out = np.empty(bits.shape, np.float32)
    widen(bits, out)
    assert out.tobytes() == bits.view(np.float16).astype(np.float32).tobytes()
