"""Inner products, in one fixed order or in the fastest, and half floats made whole."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel, loose

TILE = 4
"""Rows and queries whose products are summed together, so that each number is loaded once for four products."""
CACHED = 1 << 15
"""Numbers of rows that are fetched together; they stay in the processor's second cache."""


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
    if len(queries) > 1:
        whole = count - count % TILE
        step = max(TILE, CACHED // max(rows.shape[1], 1) // TILE * TILE)
        for start in range(0, whole, step):
            end = min(start + step, whole)
            _fetch(rows, places, start, end, scores)
            _rough_tiles(rows, places, start, end, queries, scores)
        start = whole
    else:
        start = 0
    for i in range(start, count):
        place = places[i]
        for k in range(len(queries)):
            total = np.float32(0)
            for j in range(rows.shape[1]):
                total += rows[place, j] * queries[k, j]
            scores[k, i] = total


@loose
def _fetch(rows: NDArray[np.float32], places: NDArray[np.int64], start: int, end: int, scores: NDArray[np.float32]) -> None:
    """Reads the rows places[start:end] one after another: so the processor fetches ahead of itself, which it does not where rows are read
    side by side. Their sum is written to scores[0, start], lest the compiler leave the reading out.
    """
    total = np.float32(0)
    for i in range(start, end):
        place = places[i]
        for j in range(rows.shape[1]):
            total += rows[place, j]
    scores[0, start] = total


@loose
def _rough_tiles(
    rows: NDArray[np.float32], places: NDArray[np.int64], start: int, end: int, queries: NDArray[np.float32], scores: NDArray[np.float32]
) -> None:
    """`rough_dots` of the rows places[start:end], whose number is a multiple of TILE, as that of the queries is."""
    for i in range(start, end, TILE):
        w, x, y, z = places[i], places[i + 1], places[i + 2], places[i + 3]
        for k in range(0, len(queries), TILE):
            wq = wr = ws = wt = xq = xr = xs = xt = yq = yr = ys = yt = zq = zr = zs = zt = np.float32(0)
            for j in range(rows.shape[1]):
                a, b, c, d = rows[w, j], rows[x, j], rows[y, j], rows[z, j]
                e, f, g, h = queries[k, j], queries[k + 1, j], queries[k + 2, j], queries[k + 3, j]
                wq, wr, ws, wt = wq + a * e, wr + a * f, ws + a * g, wt + a * h
                xq, xr, xs, xt = xq + b * e, xr + b * f, xs + b * g, xt + b * h
                yq, yr, ys, yt = yq + c * e, yr + c * f, ys + c * g, yt + c * h
                zq, zr, zs, zt = zq + d * e, zr + d * f, zs + d * g, zt + d * h
            scores[k, i], scores[k, i + 1], scores[k, i + 2], scores[k, i + 3] = wq, xq, yq, zq
            scores[k + 1, i], scores[k + 1, i + 1], scores[k + 1, i + 2], scores[k + 1, i + 3] = wr, xr, yr, zr
            scores[k + 2, i], scores[k + 2, i + 1], scores[k + 2, i + 2], scores[k + 2, i + 3] = ws, xs, ys, zs
            scores[k + 3, i], scores[k + 3, i + 1], scores[k + 3, i + 2], scores[k + 3, i + 3] = wt, xt, yt, zt


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
