"""Inner products, in one fixed order or in the fastest, and half floats made whole."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel, loose


@kernel
def fixed_dot(row: NDArray[np.float32], query: NDArray[np.float64]) -> np.float32:
    """The inner product of float32 (dim,) and float64 (dim,), summed in float64 in eight lanes, rounded once to float32."""
    a = b = c = d = e = f = g = h = 0.0
    whole = len(query) - len(query) % 8
    for i in range(0, whole, 8):
        a += np.float64(row[i]) * query[i]
        b += np.float64(row[i + 1]) * query[i + 1]
        c += np.float64(row[i + 2]) * query[i + 2]
        d += np.float64(row[i + 3]) * query[i + 3]
        e += np.float64(row[i + 4]) * query[i + 4]
        f += np.float64(row[i + 5]) * query[i + 5]
        g += np.float64(row[i + 6]) * query[i + 6]
        h += np.float64(row[i + 7]) * query[i + 7]
    for i in range(whole, len(query)):
        a += np.float64(row[i]) * query[i]
    return np.float32(((a + b) + (c + d)) + ((e + f) + (g + h)))


@loose
def rough_dots(rows: NDArray[np.float32], query: NDArray[np.float32], scores: NDArray[np.float32]) -> None:
    """Writes the inner products of float32 (n, dim) and (dim,), summed in float32 in any order, into float32 (n,) `scores`."""
    for i in range(len(rows)):
        row = rows[i]
        total = np.float32(0)
        for j in range(len(query)):
            total += row[j] * query[j]
        scores[i] = total


@kernel
def widen(halves: NDArray[np.uint16], out: NDArray[np.float32]) -> None:
    """Writes float16 (n, dim), given by their bits, as float32 into `out`; finite numbers only."""
    for row in range(len(halves)):
        for i in range(halves.shape[1]):
            bits = np.uint32(halves[row, i])
            size = np.uint32((bits & np.uint32(0x7FFF)) << np.uint32(13)).view(np.float32) * np.float32(2.0**112)
            out[row, i] = -size if bits & np.uint32(0x8000) else size
