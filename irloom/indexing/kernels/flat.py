"""The scan of a flat index: rough scores of a block of documents, and those that may be among the best into the heaps.

A document is passed over only where its rough score lies below the k-th best final score so far by more than the two can
differ, so the result is that of the fixed order alone. Documents that are not allowed are not even read.
"""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.dot import fixed_dot, rough_dots, widen
from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.topk import offer

BLOCK = 256
"""Documents whose rough scores are kept together; their vectors stay in the processor's cache until they are offered."""


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
def _offer_block(
    rough: NDArray[np.float32],
    slack: NDArray[np.float64],
    rows: NDArray[np.float32],
    numbers: NDArray[np.int64],
    queries: NDArray[np.float64],
    places: NDArray[np.int64],
    count: int,
    ranks: NDArray[np.int32],
    base: int,
    sizes: NDArray[np.int64],
    scores: NDArray[np.float32],
    heap_ranks: NDArray[np.int32],
    positions: NDArray[np.int64],
) -> None:
    """Offers `count` documents, whose vectors are rows[numbers], to the heaps of all queries; see `scan`."""
    k = scores.shape[1]
    for i in range(len(queries)):
        size = sizes[i]
        least = np.float64(scores[i, 0]) - slack[i] if size == k else -np.inf
        for j in range(count):
            if np.float64(rough[i, j]) < least:
                continue
            score = fixed_dot(rows[numbers[j]], queries[i])
            size = offer(scores[i], heap_ranks[i], positions[i], size, score, ranks[places[j]], base + places[j])
            if size == k:
                least = np.float64(scores[i, 0]) - slack[i]
        sizes[i] = size


@kernel
def scan(
    rows: NDArray[np.float32],
    start: int,
    end: int,
    allowed: NDArray[np.bool_],
    ranks: NDArray[np.int32],
    base: int,
    fast: NDArray[np.float32],
    slack: NDArray[np.float64],
    queries: NDArray[np.float64],
    sizes: NDArray[np.int64],
    scores: NDArray[np.float32],
    heap_ranks: NDArray[np.int32],
    positions: NDArray[np.int64],
) -> None:
    """Offers the documents start:end of a segment to the heaps of all queries.

    Args:
        rows: float32 (n, dim), the vectors of the segment.
        start: the first document.
        end: the one after the last.
        allowed: bool (n,), which documents may be found, or (0,) where all may.
        ranks: int32 (n,), the smaller one wins a tie.
        base: position of the segment's first document.
        fast: float32 (q or more, dim), the queries as `rough_dots` takes them.
        slack: float64 (q,), how far a rough score can be from the final one, 0 or more.
        queries: float64 (q, dim).
        sizes: int64 (q,), entries in each heap.
        scores: float32 (q, k), with k at least 1.
        heap_ranks: int32 (q, k).
        positions: int64 (q, k).
    """
    places, rough = np.empty(BLOCK, np.int64), np.empty((len(fast), BLOCK), np.float32)
    for first in range(start, end, BLOCK):
        count = _allowed_places(allowed, first, min(first + BLOCK, end), places)
        rough_dots(rows, places, count, fast, rough)
        _offer_block(rough, slack, rows, places, queries, places, count, ranks, base, sizes, scores, heap_ranks, positions)


@kernel
def scan_halves(
    halves: NDArray[np.uint16],
    start: int,
    end: int,
    allowed: NDArray[np.bool_],
    ranks: NDArray[np.int32],
    base: int,
    fast: NDArray[np.float32],
    slack: NDArray[np.float64],
    queries: NDArray[np.float64],
    sizes: NDArray[np.int64],
    scores: NDArray[np.float32],
    heap_ranks: NDArray[np.int32],
    positions: NDArray[np.int64],
) -> None:
    """`scan` of float16 (n, dim), given by their bits."""
    places, rough = np.empty(BLOCK, np.int64), np.empty((len(fast), BLOCK), np.float32)
    rows, numbers = np.empty((BLOCK, halves.shape[1]), np.float32), np.arange(BLOCK)
    for first in range(start, end, BLOCK):
        count = _allowed_places(allowed, first, min(first + BLOCK, end), places)
        for i in range(count):
            widen(halves[places[i]], rows[i])
        rough_dots(rows, numbers, count, fast, rough)
        _offer_block(rough, slack, rows, numbers, queries, places, count, ranks, base, sizes, scores, heap_ranks, positions)
