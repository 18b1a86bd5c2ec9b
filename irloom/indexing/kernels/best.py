"""The best k of many scores: a count in bins finds the threshold, a sort of 64-bit keys settles the order."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.bits import trailing_zeros
from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.sorting import SMALL, sort_first, sort_near

BINS = 2048
"""Bins between 0 and a query's bound in which scores are counted to find the threshold."""
NONE, ONE, EIGHTH, SIX, EIGHT = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(6), np.uint64(8)


@kernel
def pick(sums: NDArray[np.float32], size: int, least: np.float32, flags: NDArray[np.uint8], passing: NDArray[np.int32]) -> int:
    """Lists the places of sums that reach `least`, which is above 0; returns their number.

    One pass compares (many at a time, since of floats above 0 the order is that of their bits), one looks for what it found.

    Args:
        sums: float32 (size or more,).
        size: how many to look at.
        least: the least sum that passes.
        flags: uint8 (a multiple of 64, size or more,), written.
        passing: int32 (size or more,), written, rising.
    """
    bits = sums.view(np.int32)
    wanted = np.array([least], np.float32).view(np.int32)[0]
    for i in range(size):
        flags[i] = bits[i] >= wanted
    groups = np.uint64((size + 63) >> 6)
    flags[size : groups << SIX] = 0
    words = flags.view(np.uint64)
    count = NONE
    for group in range(groups):
        first = group << EIGHTH
        any_flag = NONE
        for word in range(first, first + EIGHT):
            any_flag |= words[word]
        if any_flag:
            for word in range(first, first + EIGHT):
                left = words[word]
                while left:
                    passing[count] = np.int32((word << EIGHTH) + (trailing_zeros(left) >> EIGHTH))
                    count += ONE
                    left &= left - ONE
    return np.int64(count)


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
        sort_near(keys, 0, total)
    for i in range(found):
        key = keys[i]
        out_docs[i] = order[key & np.uint64(0xFFFFFFFF)]
        out_scores[i] = np.float32(0)
        out_scores.view(np.uint32)[i] = np.uint32(0xFFFFFFFF) - np.uint32(key >> np.uint64(32))
    return found
