"""The scan of a flat index: rough scores of a block of documents, and those that may be among the best to the candidates.

A document is passed over only where its rough score lies so far below those of k others that it cannot be among the best k, so the
result is that of the fixed order alone. Documents that are not allowed are not even read.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.dot import fixed_dot, rough_dots, widen
from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.topk import BLOCK, Candidates, cut, keep_best


class Asked(NamedTuple):
    """Queries.

    Attributes:
        fast: float32 (q or more, dim), as `rough_dots` takes them.
        precise: float64 (q, dim).
        slack: float64 (q,), how far a rough score can be from the final one, 0 or more.
    """

    fast: NDArray[np.float32]
    precise: NDArray[np.float64]
    slack: NDArray[np.float64]


@kernel
def _allowed_places(allowed: NDArray[np.bool_], start: int, end: int, places: NDArray[np.int64]) -> int:
    """Lists the places of start:end that are allowed, all where `allowed` is empty; returns their number."""
    if not len(allowed):
        for i in range(end - start):
            places[i] = start + i
        return end - start
    count = 0
    for place in range(start, end):
        places[count] = place
        count += allowed[place]
    return count


@kernel
def _settle(
    rows: NDArray[np.float32],
    halves: NDArray[np.uint16],
    base: int,
    query: int,
    precise: NDArray[np.float64],
    whole: NDArray[np.float32],
    found: Candidates,
) -> None:
    """Gives the candidates of a query that are not settled, all of this segment, their final scores."""
    for i in range(found.settled[query], found.sizes[query]):
        place = found.positions[query, i] - base
        if len(halves):
            widen(halves[place], whole)
            found.scores[query, i] = fixed_dot(whole, precise)
        else:
            found.scores[query, i] = fixed_dot(rows[place], precise)
    found.settled[query] = found.sizes[query]


@kernel
def scan(
    rows: NDArray[np.float32],
    halves: NDArray[np.uint16],
    start: int,
    end: int,
    allowed: NDArray[np.bool_],
    base: int,
    asked: Asked,
    k: int,
    ranks: NDArray[np.int32],
    found: Candidates,
) -> None:
    """Adds those documents of start:end of a segment to the candidates that may be among the best `k`; all are settled at the end.

    Args:
        rows: float32 (n, dim), the vectors of the segment; or (0, dim).
        halves: uint16 (n, dim), the bits of float16 vectors; or (0, dim).
        start: the first document.
        end: the one after the last.
        allowed: bool (n,), which documents may be found; or (0,) where all may.
        base: position of the segment's first document.
        asked: the queries.
        k: documents wanted, 1 or more.
        ranks: int32 (positions,), the smaller one wins a tie.
        found: the candidates so far, settled, with room for BLOCK more than k at least.
    """
    queries, room = len(asked.slack), found.scores.shape[1]
    places, numbers = np.empty(BLOCK, np.int64), np.arange(BLOCK)
    rough, whole = np.empty((len(asked.fast), BLOCK), np.float32), np.empty((BLOCK, halves.shape[1]), np.float32)
    least = np.empty(queries, np.float64)
    for i in range(queries):
        least[i] = cut(found, i, k, asked.slack[i])
    for first in range(start, end, BLOCK):
        count = _allowed_places(allowed, first, min(first + BLOCK, end), places)
        if len(halves):
            for j in range(count):
                widen(halves[places[j]], whole[j])
            rough_dots(whole, numbers, count, asked.fast, rough)
        else:
            rough_dots(rows, places, count, asked.fast, rough)
        for i in range(queries):
            size = found.sizes[i]
            for j in range(count):
                if np.float64(rough[i, j]) >= least[i]:
                    found.scores[i, size], found.positions[i, size] = rough[i, j], base + places[j]
                    size += 1
            found.sizes[i] = size
            if size > room - BLOCK:
                least[i] = cut(found, i, k, asked.slack[i])
                if found.sizes[i] > room - BLOCK:  # too many that are as good: ids settle it
                    _settle(rows, halves, base, i, asked.precise[i], whole[0], found)
                    keep_best(found, i, k, ranks)
    for i in range(queries):
        cut(found, i, k, asked.slack[i])
        _settle(rows, halves, base, i, asked.precise[i], whole[0], found)
