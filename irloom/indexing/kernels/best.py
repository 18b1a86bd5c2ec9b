"""The best k of many scores: a count in bins finds the threshold, a sort of 64-bit keys settles the order."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.sorting import SMALL, sort_first

BINS = 2048
"""Bins between 0 and a query's bound in which scores are counted to find the threshold."""
GROUP = 32
"""Sums that are looked at together."""


@kernel
def pick(sums: NDArray[np.float32], size: int, least: np.float32, passing: NDArray[np.int32]) -> int:
    """Lists the places of sums that reach `least`, which is above 0; returns their number."""
    bits = sums.view(np.int32)  # of floats above 0 the order is that of their bits, and integers compare many at a time
    wanted = np.array([least], np.float32).view(np.int32)[0]
    count = 0
    for start in range(0, size, GROUP):
        highest = np.int32(0)
        for i in range(start, start + GROUP):
            highest = max(highest, bits[i])
        if highest >= wanted:
            for i in range(start, start + GROUP):
                passing[count] = i
                count += bits[i] >= wanted
    return count


@kernel
def filter_passing(sums: NDArray[np.float32], passing: NDArray[np.int32], n_passing: int, least: np.float32) -> int:
    """Keeps the passing places whose sums reach `least`; returns their number."""
    kept = 0
    for i in range(n_passing):
        local = passing[i]
        passing[kept] = local
        kept += sums[local] >= least
    return kept


@kernel
def best_first(
    docs: NDArray[np.int32],
    scores: NDArray[np.float32],
    size: int,
    k: int,
    bins: NDArray[np.int32],
    lowest: int,
    scale: float,
    rank: NDArray[np.int32],
    order: NDArray[np.int32],
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
) -> int:
    """Writes the first `k` of the collected documents by falling score, then rising rank, and returns how many there are.

    `bins` holds how many documents fell into each bin; those below bin `lowest` are out.
    """
    total, widest = 0, 0
    for place in range(len(bins) - 1, lowest - 1, -1):
        widest = max(widest, bins[place])
        total, bins[place] = total + bins[place], total
    keys = np.empty(total, np.uint64)
    bits = scores.view(np.uint32)
    for i in range(size):
        place = min(int(scores[i] * scale), len(bins) - 1)
        if place >= lowest:
            keys[bins[place]] = (np.uint64(0xFFFFFFFF - bits[i]) << np.uint64(32)) | np.uint64(rank[docs[i]])
            bins[place] += 1
    found = min(k, total)
    start = 0
    if widest > SMALL:
        for place in range(len(bins) - 1, lowest - 1, -1):
            if start < found:
                sort_first(keys, start, bins[place], min(found, bins[place]) - start)
            start = bins[place]
    else:
        sort_near(keys, total)
    for i in range(found):
        key = keys[i]
        out_docs[i] = order[key & np.uint64(0xFFFFFFFF)]
        out_scores[i] = np.float32(0)
        out_scores.view(np.uint32)[i] = np.uint32(0xFFFFFFFF) - np.uint32(key >> np.uint64(32))
    return found


@kernel
def sort_near(keys: NDArray[np.uint64], size: int) -> None:
    """Sorts keys that are near their places, by insertion."""
    for i in range(1, size):
        key = keys[i]
        j = i - 1
        while j >= 0 and keys[j] > key:
            keys[j + 1] = keys[j]
            j -= 1
        keys[j + 1] = key
