"""The best k of many scores: a count in bins finds the threshold, a sort of 64-bit keys settles the order."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.bits import trailing_zeros
from irloom.indexing.kernels.jit import inline, inner, integer, kernel
from irloom.indexing.kernels.sorting import SMALL, sort_first, sort_near

BINS = 4096
BIN_SHIFT = 14
"""Scores are counted in bins to find the threshold. A bin holds the floats above 0 that agree in all but the last 14 bits, so
there are 512 for each power of two, and 4,096 reach from a query's bound down to a 256th of it."""
NONE, ONE, EIGHTH, SIX, EIGHT, TOP_BYTE = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(6), np.uint64(8), np.uint64(56)
THIRTY_TWO, HALF = np.uint64(32), np.uint64(0xFFFFFFFF)
GATHER = np.uint64(0x0102040810204080)


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
    bits, wanted = sums.view(np.int32), np.float32(least).view(np.int32)
    for i in range(size):
        flags[i] = bits[i] >= wanted
    whole = (size + 63) // 64 * 64
    for i in range(size, whole):
        flags[i] = 0
    words = flags.view(np.uint64)
    count = NONE
    for group in range(np.uint64(whole // 64)):
        first = group << EIGHTH
        marks = NONE
        for word in range(EIGHT):  # eight flags of a byte each become eight bits at the top of the product
            marks |= ((words[first + word] * GATHER) >> TOP_BYTE) << (word << EIGHTH)
        while marks:
            passing[count] = np.int32((group << SIX) + trailing_zeros(marks))
            count += ONE
            marks &= marks - ONE
    return integer(count)


@inner
def filter_passing(sums: NDArray[np.float32], passing: NDArray[np.int32], count: int, least: np.float32) -> int:
    """Keeps the first `count` passing places whose sums reach `least`; returns their number, or `count` where it is negative."""
    if count < 0:
        return count
    kept = NONE
    for i in range(np.uint64(count)):
        local = passing[i]
        passing[kept] = local
        kept += np.uint64(sums[np.uint64(local)] >= least)
    return integer(kept)


@kernel
def keep_allowed(allowed: NDArray[np.bool_], passing: NDArray[np.int32], count: int) -> int:
    """Keeps those of the first `count` passing places that are allowed; returns their number."""
    kept = NONE
    for i in range(np.uint64(count)):
        local = passing[i]
        passing[kept] = local
        kept += np.uint64(allowed[np.uint64(local)])
    return integer(kept)


@inline
def bin_of(bits: np.int32, origin: int) -> int:
    """The bin of a score that is given by its bits; `origin` is what the lowest bin's scores have above their last 14 bits."""
    return min(max(integer(bits >> BIN_SHIFT) - origin, 0), BINS - 1)


@kernel
def best_first(
    docs: NDArray[np.int32],
    scores: NDArray[np.float32],
    size: int,
    k: int,
    bins: NDArray[np.int32],
    lowest: int,
    highest: int,
    origin: int,
    rank: NDArray[np.int32],
    order: NDArray[np.int32],
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
) -> int:
    """Writes the first `k` of the collected documents by falling score, then rising rank, and returns how many there are.

    `bins` holds how many documents fell into each bin; those below bin `lowest` are out, and none is above `highest`.
    """
    total, widest = integer(0), integer(0)
    for place in range(highest, lowest - 1, -1):
        widest = max(widest, bins[place])
        total, bins[place] = total + bins[place], total
    keys = np.empty(total, np.uint64)
    bits = scores.view(np.uint32)
    for i in range(size):
        place = bin_of(np.int32(bits[i]), origin)
        if place >= lowest:
            keys[bins[place]] = ((HALF - np.uint64(bits[i])) << THIRTY_TWO) | np.uint64(rank[docs[i]])
            bins[place] += 1
    found = min(k, total)
    start = integer(0)
    if widest > SMALL:
        for place in range(highest, lowest - 1, -1):
            if start < found:
                sort_first(keys, start, integer(bins[place]), min(found, integer(bins[place])) - start)
            start = bins[place]
    else:
        sort_near(keys, integer(0), total)
    out_bits = out_scores.view(np.uint32)
    for i in range(found):
        out_docs[i] = order[keys[i] & HALF]
        out_bits[i] = np.uint32(HALF - (keys[i] >> THIRTY_TWO))
    return found


@kernel
def best_unsorted(
    docs: NDArray[np.int32],
    scores: NDArray[np.float32],
    size: int,
    k: int,
    bins: NDArray[np.int32],
    lowest: int,
    origin: int,
    rank: NDArray[np.int32],
    order: NDArray[np.int32],
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
) -> int:
    """Writes the same documents as `best_first` in any order, for a choice that goes on; returns how many there are.

    Fewer than `k` of the collected documents lie in bins above `lowest`. `bins` is left as it is.
    """
    keys = np.empty(bins[lowest], np.uint64)
    bits = scores.view(np.uint32)
    found, ties = integer(0), integer(0)
    for i in range(size):
        place = bin_of(np.int32(bits[i]), origin)
        if place > lowest:
            out_docs[found], out_scores[found] = docs[i], scores[i]
            found += 1
        elif place == lowest:
            keys[ties] = ((HALF - np.uint64(bits[i])) << THIRTY_TWO) | np.uint64(rank[docs[i]])
            ties += 1
    wanted = min(k - found, ties)
    sort_first(keys, integer(0), ties, wanted)
    out_bits = out_scores.view(np.uint32)
    for i in range(wanted):
        out_docs[found] = order[keys[i] & HALF]
        out_bits[found] = np.uint32(HALF - (keys[i] >> THIRTY_TWO))
        found += 1
    return found
