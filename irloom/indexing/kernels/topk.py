"""The best k of scores that come in any order: one heap a query, its worst entry on top."""

import numpy as np
from numpy.typing import NDArray

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
def offer(
    scores: NDArray[np.float32],
    ranks: NDArray[np.int32],
    positions: NDArray[np.int64],
    size: int,
    score: np.float32,
    rank: int,
    position: int,
) -> int:
    """Offers an entry to a heap of `size` entries, which has room for as many as its arrays are long; returns its new size."""
    if size < len(scores):
        _rise(scores, ranks, positions, size, score, rank, position)
        return size + 1
    if _worse(scores[0], ranks[0], score, rank):
        _sink(scores, ranks, positions, size, score, rank, position)
    return size


@kernel
def merge_heaps(
    sizes: NDArray[np.int64],
    scores: NDArray[np.float32],
    ranks: NDArray[np.int32],
    positions: NDArray[np.int64],
) -> None:
    """Brings the best entries of several heaps a query into the first of them, best first; the others are left as they were.

    Args:
        sizes: int64 (heaps, queries), the entries of each.
        scores: float32 (heaps, queries, k).
        ranks: int32 (heaps, queries, k), the smaller one wins a tie.
        positions: int64 (heaps, queries, k).
    """
    for query in range(sizes.shape[1]):
        best_scores, best_ranks, best_positions = scores[0, query], ranks[0, query], positions[0, query]
        size = sizes[0, query]
        for heap in range(1, len(sizes)):
            for i in range(sizes[heap, query]):
                found = scores[heap, query, i], ranks[heap, query, i], positions[heap, query, i]
                size = offer(best_scores, best_ranks, best_positions, size, found[0], found[1], found[2])
        sizes[0, query] = size
        for last in range(size - 1, 0, -1):  # the worst entry goes to the end
            worst = best_scores[0], best_ranks[0], best_positions[0]
            _sink(best_scores, best_ranks, best_positions, last, best_scores[last], best_ranks[last], best_positions[last])
            best_scores[last], best_ranks[last], best_positions[last] = worst
