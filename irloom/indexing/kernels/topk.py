"""The best k of scores that come in blocks: one heap a query, its worst entry on top."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.dot import fixed_dot
from irloom.indexing.kernels.jit import kernel


@kernel
def _worse(score: np.float32, rank: int, other_score: np.float32, other_rank: int) -> bool:
    """Whether an entry comes after another one: it scores less, or the same with a greater rank."""
    return bool(score < other_score or (score == other_score and rank > other_rank))


@kernel
def _sink(
    scores: NDArray[np.float32],
    ranks: NDArray[np.int32],
    positions: NDArray[np.int64],
    size: int,
    score: np.float32,
    rank: int,
    position: int,
) -> None:
    """Puts an entry in the place of the heap's top and lets it sink to where it belongs."""
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and _worse(scores[child + 1], ranks[child + 1], scores[child], ranks[child]):
            child += 1
        if not _worse(scores[child], ranks[child], score, rank):
            break
        scores[place], ranks[place], positions[place] = scores[child], ranks[child], positions[child]
        place = child
    scores[place], ranks[place], positions[place] = score, rank, position


@kernel
def _rise(
    scores: NDArray[np.float32],
    ranks: NDArray[np.int32],
    positions: NDArray[np.int64],
    size: int,
    score: np.float32,
    rank: int,
    position: int,
) -> None:
    """Adds an entry to a heap of `size` entries that has room for it."""
    place = size
    while place > 0:
        parent = (place - 1) // 2
        if not _worse(score, rank, scores[parent], ranks[parent]):
            break
        scores[place], ranks[place], positions[place] = scores[parent], ranks[parent], positions[parent]
        place = parent
    scores[place], ranks[place], positions[place] = score, rank, position


@kernel
def take_best(
    rough: NDArray[np.float32],
    slack: NDArray[np.float64],
    rows: NDArray[np.float32],
    queries: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    ranks: NDArray[np.int32],
    first: int,
    sizes: NDArray[np.int64],
    heap_scores: NDArray[np.float32],
    heap_ranks: NDArray[np.int32],
    heap_positions: NDArray[np.int64],
) -> None:
    """Offers a block of documents to the heaps of all queries.

    Args:
        rough: float32 (q, n), scores that lie within `slack` of those in the fixed order.
        slack: float64 (q,), 0 or more.
        rows: float32 (n, dim), the documents' vectors.
        queries: float64 (q, dim).
        allowed: bool (q, n), or (0, 0) where every document is.
        ranks: int32 (n,), the smaller one wins a tie.
        first: position of the block's first document.
        sizes: int64 (q,), entries in each heap.
        heap_scores: float32 (q, k), with k at least 1.
        heap_ranks: int32 (q, k).
        heap_positions: int64 (q, k).
    """
    k = heap_scores.shape[1]
    for i in range(len(rough)):
        scores, entry_ranks, positions = heap_scores[i], heap_ranks[i], heap_positions[i]
        size = sizes[i]
        least = np.float64(scores[0]) - slack[i] if size == k else -np.inf
        for j in range(rough.shape[1]):
            if np.float64(rough[i, j]) < least or (len(allowed) and not allowed[i, j]):
                continue
            score = fixed_dot(rows[j], queries[i])
            if size < k:
                _rise(scores, entry_ranks, positions, size, score, ranks[j], first + j)
                size += 1
            elif _worse(scores[0], entry_ranks[0], score, ranks[j]):
                _sink(scores, entry_ranks, positions, size, score, ranks[j], first + j)
            if size == k:
                least = np.float64(scores[0]) - slack[i]
        sizes[i] = size
