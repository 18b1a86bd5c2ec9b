"""The lists of an inverted index in BM25: what each posting adds, list by list, to a window of sums.

Places are unsigned here, so that numba leaves out its test for a place counted from the end.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.bits import popcount, trailing_zeros
from irloom.indexing.kernels.jit import inline, kernel
from irloom.indexing.kernels.layout import BLOCK, CHUNK, NIBBLE_ESCAPE, PAIRS, WORD_BITS, WORD_ESCAPE, Lists

ONE = np.uint64(1)
TWO = np.uint64(2)
FOUR = np.uint64(4)
SIX = np.uint64(6)
LOW = np.uint64(63)

Floats: TypeAlias = NDArray[np.float32]
Tfs: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint32], NDArray[np.int32]]
"""Lists.tfs, Lists.escaped and Lists.escaped_tfs."""
Curve: TypeAlias = tuple[np.float32, np.float32, np.float32]
"""A term's weight, extra and lift, of which `part_of_score` makes its part of the score."""


@inline
def part_of_score(tf: np.float32, norm: np.float32, curve: Curve) -> np.float32:
    """What one term adds to a document's score: weight * (tf + lift * norm) / (tf + norm) + extra."""
    weight, extra, lift = curve
    return weight * ((tf + lift * norm) / (tf + norm)) + extra


@kernel
def escaped_tf(escaped: NDArray[np.uint32], escaped_tfs: NDArray[np.int32], posting: np.uint64) -> np.float32:
    """The tf of a posting that does not fit its place."""
    return np.float32(escaped_tfs[np.searchsorted(escaped, np.uint32(posting))])


@inline
def small_tf(tfs: NDArray[np.uint8], escaped: NDArray[np.uint32], escaped_tfs: NDArray[np.int32], posting: np.uint64) -> np.float32:
    """The tf of a posting of a bitmap or chunked list."""
    tf = (np.uint64(tfs[posting >> ONE]) >> ((posting & ONE) << TWO)) & np.uint64(15)
    return escaped_tf(escaped, escaped_tfs, posting) if tf == np.uint64(NIBBLE_ESCAPE) else np.float32(np.int32(tf))


@kernel
def find_list(runs: NDArray[np.int64], term: int) -> tuple[int, int, int]:
    """The run, the first posting and the df of a term's list."""
    low, high = 0, len(runs) - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if runs[middle, 0] <= term:
            low = middle
        else:
            high = middle
    df = runs[low, 2]
    return low, runs[low, 1] + (term - runs[low, 0]) * df, df


@kernel
def list_bound(lists: Lists, term: int, first: int, df: int, norms: Floats, line: tuple[float, float], curve: Curve) -> float:
    """The most that a list can add to a score."""
    best = np.float32(0)
    if term < lists.counts[0] + lists.counts[1]:
        for pair in range(PAIRS):
            tf = int(lists.list_tfs[term, pair])
            if tf == 255:
                tf = 1 << 30
            if tf:
                norm = np.float32(line[0] + line[1] * lists.list_lengths[term, pair])
                best = max(best, part_of_score(np.float32(tf), norm, curve))
    else:
        start = first - lists.counts[3]
        for i in range(start, start + df):
            word = int(lists.words[i])
            tf = word & WORD_ESCAPE
            exact = np.float32(tf) if tf < WORD_ESCAPE else escaped_tf(lists.escaped, lists.escaped_tfs, np.uint64(first + i - start))
            best = max(best, part_of_score(exact, norms[word >> WORD_BITS], curve))
    return float(best)


@kernel
def add_bitmap(
    bits: NDArray[np.uint64],
    ranks: NDArray[np.uint32],
    tfs: NDArray[np.uint8],
    escaped: NDArray[np.uint32],
    escaped_tfs: NDArray[np.int32],
    norms: Floats,
    sums: Floats,
    row: int,
    first: int,
    base: int,
    end: int,
    curve: Curve,
) -> None:
    """Adds the postings of a bitmap list from document `base` to `end` to the sums."""
    posting = np.uint64(first + np.int64(ranks[row, base // BLOCK]))
    shift = np.uint64(base)
    for word in range(base // 64, (end + 63) // 64):
        ones = bits[row, word]
        origin = np.uint64(word) << SIX
        while ones:
            doc = origin + trailing_zeros(ones)
            ones &= ones - ONE
            sums[doc - shift] += part_of_score(small_tf(tfs, escaped, escaped_tfs, posting), norms[doc], curve)
            posting += ONE


@kernel
def add_chunked(
    ids: NDArray[np.uint16],
    starts: NDArray[np.uint32],
    tfs: NDArray[np.uint8],
    escaped: NDArray[np.uint32],
    escaped_tfs: NDArray[np.int32],
    norms: Floats,
    sums: Floats,
    row: int,
    first: int,
    shift: int,
    cursor: int,
    base: int,
    end: int,
    curve: Curve,
) -> int:
    """Adds the postings of a chunked list from document `base` to `end` to the sums, and returns where it stopped.

    `cursor` is where the last call for the list stopped; `shift` is the first posting of all chunked lists.
    """
    chunk = base // CHUNK
    start = max(cursor, first + np.int64(starts[row, chunk])) - shift
    stop = first + np.int64(starts[row, chunk + 1]) - shift
    origin = chunk * CHUNK
    if start < stop and origin + np.int64(ids[start]) < base:
        start += np.searchsorted(ids[start:stop], np.uint16(base - origin))
    if start < stop and origin + np.int64(ids[stop - 1]) >= end:
        stop = start + np.searchsorted(ids[start:stop], np.uint16(end - origin))
    low, up = np.uint64(base - origin), np.uint64(shift)
    for i in range(np.uint64(start), np.uint64(stop)):
        doc = np.uint64(ids[i])
        tf = small_tf(tfs, escaped, escaped_tfs, i + up)
        sums[doc - low] += part_of_score(tf, norms[doc + np.uint64(origin)], curve)
    return stop + shift


@kernel
def add_packed(
    words: NDArray[np.uint32],
    escaped: NDArray[np.uint32],
    escaped_tfs: NDArray[np.int32],
    norms: Floats,
    sums: Floats,
    stop: int,
    shift: int,
    cursor: int,
    base: int,
    end: int,
    curve: Curve,
) -> int:
    """Adds the postings of a packed list from document `base` to `end` to the sums, and returns where it stopped."""
    while cursor < stop:
        word = np.int64(words[cursor - shift])
        doc = word >> WORD_BITS
        if doc >= end:
            break
        if doc >= base:
            tf = word & WORD_ESCAPE
            exact = np.float32(tf) if tf < WORD_ESCAPE else escaped_tf(escaped, escaped_tfs, np.uint64(cursor))
            sums[doc - base] += part_of_score(exact, norms[doc], curve)
        cursor += 1
    return cursor


@kernel
def complete_bitmap(
    bits: NDArray[np.uint64],
    ranks: NDArray[np.uint32],
    tfs: NDArray[np.uint8],
    escaped: NDArray[np.uint32],
    escaped_tfs: NDArray[np.int32],
    norms: Floats,
    sums: Floats,
    row: int,
    first: int,
    base: int,
    curve: Curve,
    passing: NDArray[np.int32],
    n_passing: int,
    least: np.float32,
) -> int:
    """Adds a bitmap list to the sums of the passing documents and keeps those that reach `least`; returns their number."""
    kept = 0
    for i in range(n_passing):
        local = passing[i]
        doc = np.uint64(base) + np.uint64(local)
        word = doc >> SIX
        ones = bits[row, word]
        total = sums[np.uint64(local)]
        if (ones >> (doc & LOW)) & ONE:
            rank = popcount(ones & ((ONE << (doc & LOW)) - ONE))
            block = doc >> np.uint64(8)
            for before in range(block << TWO, word):
                rank += popcount(bits[row, before])
            posting = np.uint64(first) + np.uint64(ranks[row, block]) + rank
            total += part_of_score(small_tf(tfs, escaped, escaped_tfs, posting), norms[doc], curve)
            sums[np.uint64(local)] = total
        passing[kept] = local
        kept += total >= least
    return kept
