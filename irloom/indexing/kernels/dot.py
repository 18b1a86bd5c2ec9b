"""Inner products, in one fixed order or in the fastest, and half floats made whole."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel, loose

TILE = 4
"""Rows and queries whose products are summed together, so that each number is loaded once for four products."""


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
def rough_dots(
    rows: NDArray[np.float32], places: NDArray[np.int64], count: int, queries: NDArray[np.float32], scores: NDArray[np.float32]
) -> None:
    """Writes the inner products of some rows and all queries, summed in float32 in any order.

    Args:
        rows: float32 (n, dim).
        places: int64 (count or more,), which of them.
        count: how many.
        queries: float32 (q, dim), q being 1 or a multiple of TILE.
        scores: float32 (q, count or more), written.
    """
    dim = rows.shape[1]
    whole = count - count % TILE
    if len(queries) == 1:
        query = queries[0]
        for i in range(0, whole, TILE):
            a, b, c, d = rows[places[i]], rows[places[i + 1]], rows[places[i + 2]], rows[places[i + 3]]
            s = t = u = v = np.float32(0)
            for j in range(dim):
                q = query[j]
                s, t, u, v = s + a[j] * q, t + b[j] * q, u + c[j] * q, v + d[j] * q
            scores[0, i], scores[0, i + 1], scores[0, i + 2], scores[0, i + 3] = s, t, u, v
    else:
        for i in range(0, whole, TILE):
            _rough_tiles(rows[places[i]], rows[places[i + 1]], rows[places[i + 2]], rows[places[i + 3]], queries, scores[:, i : i + TILE])
    for i in range(whole, count):
        row = rows[places[i]]
        for k in range(len(queries)):
            total = np.float32(0)
            for j in range(dim):
                total += row[j] * queries[k, j]
            scores[k, i] = total


@loose
def _rough_tiles(
    w: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    z: NDArray[np.float32],
    queries: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> None:
    """The products of four rows, each float32 (dim,), and all queries, float32 (q, dim), into float32 (q, 4) `scores`."""
    for k in range(0, len(queries), TILE):
        q, r, s, t = queries[k], queries[k + 1], queries[k + 2], queries[k + 3]
        wq = wr = ws = wt = xq = xr = xs = xt = yq = yr = ys = yt = zq = zr = zs = zt = np.float32(0)
        for j in range(len(w)):
            a, b, c, d = w[j], x[j], y[j], z[j]
            e, f, g, h = q[j], r[j], s[j], t[j]
            wq, wr, ws, wt = wq + a * e, wr + a * f, ws + a * g, wt + a * h
            xq, xr, xs, xt = xq + b * e, xr + b * f, xs + b * g, xt + b * h
            yq, yr, ys, yt = yq + c * e, yr + c * f, ys + c * g, yt + c * h
            zq, zr, zs, zt = zq + d * e, zr + d * f, zs + d * g, zt + d * h
        scores[k, 0], scores[k, 1], scores[k, 2], scores[k, 3] = wq, xq, yq, zq
        scores[k + 1, 0], scores[k + 1, 1], scores[k + 1, 2], scores[k + 1, 3] = wr, xr, yr, zr
        scores[k + 2, 0], scores[k + 2, 1], scores[k + 2, 2], scores[k + 2, 3] = ws, xs, ys, zs
        scores[k + 3, 0], scores[k + 3, 1], scores[k + 3, 2], scores[k + 3, 3] = wt, xt, yt, zt


@kernel
def widen(halves: NDArray[np.uint16], out: NDArray[np.float32]) -> None:
    """Writes float16 (n,), given by their bits, as float32 into `out`; finite numbers only."""
    for i in range(len(halves)):
        bits = np.uint32(halves[i])
        size = np.uint32((bits & np.uint32(0x7FFF)) << np.uint32(13)).view(np.float32) * np.float32(2.0**112)
        out[i] = -size if bits & np.uint32(0x8000) else size


@kernel
def fixed_dots(
    rows: NDArray[np.float32],
    base: int,
    queries: NDArray[np.float64],
    positions: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> None:
    """Scores those of the candidates that lie in one segment, in the fixed order; the places of others are left as they are.

    Args:
        rows: float32 (n, dim), the segment's vectors.
        base: the position of the first of them.
        queries: float64 (q, dim).
        positions: int64 (q, m), the candidates of each query.
        scores: float32 (q, m), written.
    """
    for i in range(len(positions)):
        for j in range(positions.shape[1]):
            place = positions[i, j] - base
            if 0 <= place < len(rows):
                scores[i, j] = fixed_dot(rows[place], queries[i])


@kernel
def fixed_dots_of_halves(
    halves: NDArray[np.uint16],
    base: int,
    queries: NDArray[np.float64],
    positions: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> None:
    """`fixed_dots` of float16 (n, dim), given by their bits."""
    row = np.empty(halves.shape[1], np.float32)
    for i in range(len(positions)):
        for j in range(positions.shape[1]):
            place = positions[i, j] - base
            if 0 <= place < len(halves):
                widen(halves[place], row)
                scores[i, j] = fixed_dot(row, queries[i])
