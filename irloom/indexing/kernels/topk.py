"""The best k of scores that are known roughly at first: candidates are gathered with a margin, and settled by their final scores."""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.sorting import sort_pairs

Number = TypeVar("Number", np.float32, np.uint64)

BLOCK = 256
"""Candidates that may come at once."""
SIGN, THIRTY_TWO = np.uint32(0x80000000), np.uint64(32)


class Candidates(NamedTuple):
    """What may be among the best of each query.

    Attributes:
        sizes: int64 (q,), how many each query has.
        settled: int64 (q,), how many of them, the first ones, have their final scores; the others' scores are rough.
        scores: float32 (q, room).
        positions: int64 (q, room).
    """

    sizes: NDArray[np.int64]
    settled: NDArray[np.int64]
    scores: NDArray[np.float32]
    positions: NDArray[np.int64]


@kernel
def order_key(score: np.float32, rank: int) -> np.uint64:
    """Smaller for a greater score, and of equal scores for a smaller rank."""
    bits = np.float32(score + np.float32(0)).view(np.uint32)  # -0 and 0 are equal
    rising = ~bits if bits & SIGN else bits | SIGN
    return np.uint64((np.uint64(~np.uint32(rising)) << THIRTY_TWO) | np.uint64(rank))


@kernel
def nth_smallest(values: NDArray[Number], n: int) -> Number:
    """The value that stands at place `n` once float32 or uint64 (values,) are sorted, which they are not fully; no NaN."""
    low, high = 0, len(values) - 1
    while low < high:
        a, b, c = values[low], values[(low + high) >> 1], values[high]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if n <= j:
            high = j
        elif n >= i:
            low = i
        else:
            break
    found: Number = values[n]
    return found


@kernel
def cut(found: Candidates, query: int, k: int, slack: float) -> float:
    """Drops the candidates of a query that cannot be among its best `k`, and returns the rough score that is needed from now on.

    A final score lies within `slack` of the rough one: so k of them reach the k-th best rough score less the slack, and what is rougher by
    more than twice the slack does not.
    """
    size = found.sizes[query]
    if size < k:
        return -np.inf
    scores, positions = found.scores[query], found.positions[query]
    least = np.float64(nth_smallest(scores[:size].copy(), size - k)) - 2 * slack
    kept, settled = 0, 0
    for i in range(size):
        if np.float64(scores[i]) >= least:
            scores[kept], positions[kept] = scores[i], positions[i]
            kept += 1
            settled += i < found.settled[query]
    found.sizes[query], found.settled[query] = kept, settled
    return float(least)


@kernel
def keep_best(found: Candidates, query: int, k: int, ranks: NDArray[np.int32]) -> None:
    """Keeps the best `k` candidates of a query, all settled and more than k, by score and then by int32 (positions,) `ranks`."""
    size = found.sizes[query]
    scores, positions = found.scores[query], found.positions[query]
    keys = np.empty(size, np.uint64)
    for i in range(size):
        keys[i] = order_key(scores[i], ranks[positions[i]])
    last = nth_smallest(keys.copy(), k - 1)
    kept = 0
    for i in range(size):
        if keys[i] <= last:
            scores[kept], positions[kept] = scores[i], positions[i]
            kept += 1
    found.sizes[query], found.settled[query] = kept, kept


@kernel
def best_of(
    sizes: NDArray[np.int64],
    scores: NDArray[np.float32],
    positions: NDArray[np.int64],
    ranks: NDArray[np.int32],
    best_scores: NDArray[np.float32],
    best_positions: NDArray[np.int64],
) -> None:
    """Writes the best of several gatherings of settled candidates, best first.

    Args:
        sizes: int64 (gatherings, q).
        scores: float32 (gatherings, q, room).
        positions: int64 (gatherings, q, room).
        ranks: int32 (positions,), the smaller one wins a tie.
        best_scores: float32 (q, k), written as far as there are candidates.
        best_positions: int64 (q, k), written likewise.
    """
    room, k = scores.shape[2], best_scores.shape[1]
    for query in range(sizes.shape[1]):
        total = 0
        for gathering in range(len(sizes)):
            total += sizes[gathering, query]
        keys, places = np.empty(total, np.uint64), np.empty(total, np.int32)
        filled = 0
        for gathering in range(len(sizes)):
            for i in range(sizes[gathering, query]):
                keys[filled] = order_key(scores[gathering, query, i], ranks[positions[gathering, query, i]])
                places[filled] = np.int32(gathering * room + i)
                filled += 1
        sort_pairs(keys, places, 0, total)
        for i in range(min(k, total)):
            gathering, place = places[i] // room, places[i] % room
            best_scores[query, i], best_positions[query, i] = scores[gathering, query, place], positions[gathering, query, place]
