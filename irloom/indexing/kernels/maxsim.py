"""MaxSim in one fixed order: each pair's score depends on its own vectors alone."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel

TILE = 16


@kernel
def turn_halves(halves: NDArray[np.uint16], out: NDArray[np.float32]) -> None:
    """Writes float16 (tokens, dim), given by their bits, as float32 (dim, tokens) into `out`; finite numbers only."""
    tile = np.empty((TILE, halves.shape[1]), np.float32)
    for start in range(0, len(halves), TILE):
        count = min(TILE, len(halves) - start)
        for row in range(count):
            for i in range(halves.shape[1]):
                bits = np.uint32(halves[start + row, i])
                size = np.uint32((bits & np.uint32(0x7FFF)) << np.uint32(13)).view(np.float32) * np.float32(2.0**112)
                tile[row, i] = -size if bits & np.uint32(0x8000) else size
        for i in range(halves.shape[1]):
            for row in range(count):
                out[i, start + row] = tile[row, i]


@kernel
def maxsim_scores(
    queries: NDArray[np.float32],
    offsets: NDArray[np.int64],
    weights: NDArray[np.float32],
    wanted: NDArray[np.int64],
    document: NDArray[np.float32],
    sums: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> None:
    """The sum over query tokens of the weighted greatest inner product with a token of one document.

    The maximum begins at minus infinity, so negative similarities count with their true value; -inf for a document without
    tokens. An inner product is summed in float32 by rising dimension; eight are added between two visits to memory.

    Args:
        queries: float32 (query tokens, dim) of all queries.
        offsets: int64 (queries + 1,), query i has the rows offsets[i]:offsets[i+1].
        weights: float32 (query tokens,).
        wanted: int64 (n,), the queries that are to be scored.
        document: float32 (dim, tokens), one document.
        sums: float32 (tokens,) or longer, scratch.
        scores: float32 (n,), written.
    """
    dim, tokens = document.shape
    whole = dim - dim % 8
    for place in range(len(wanted)):
        total = 0.0
        for row in range(offsets[wanted[place]], offsets[wanted[place] + 1]):
            q = queries[row]
            for t in range(tokens):
                sums[t] = np.float32(0)
            for i in range(0, whole, 8):
                q0, q1, q2, q3, q4, q5, q6, q7 = q[i], q[i + 1], q[i + 2], q[i + 3], q[i + 4], q[i + 5], q[i + 6], q[i + 7]
                d0, d1, d2, d3 = document[i], document[i + 1], document[i + 2], document[i + 3]
                d4, d5, d6, d7 = document[i + 4], document[i + 5], document[i + 6], document[i + 7]
                for t in range(tokens):
                    low = (((sums[t] + q0 * d0[t]) + q1 * d1[t]) + q2 * d2[t]) + q3 * d3[t]
                    sums[t] = (((low + q4 * d4[t]) + q5 * d5[t]) + q6 * d6[t]) + q7 * d7[t]
            for i in range(whole, dim):
                for t in range(tokens):
                    sums[t] += q[i] * document[i, t]
            best = -np.inf
            for t in range(tokens):
                best = max(best, np.float64(sums[t]))
            total += np.float64(weights[row]) * best
        scores[place] = np.float32(total)
