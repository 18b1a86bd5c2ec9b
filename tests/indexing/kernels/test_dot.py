"""Inner products in the documented order; float16 made float32."""

import numpy as np

from irloom.indexing.kernels.dot import fixed_dot, rough_dots, widen


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
        scores = np.empty(2, np.float32)
        rough_dots(np.stack([row, row * 2]), query.astype(np.float32), scores)
        assert np.allclose(scores, [row @ query, 2 * row @ query], rtol=1e-4, atol=1e-5)


def test_every_finite_half() -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    bits = bits[np.isfinite(bits.view(np.float16))].reshape(-1, 4)
    out = np.empty(bits.shape, np.float32)
    widen(bits, out)
    assert out.tobytes() == bits.view(np.float16).astype(np.float32).tobytes()
