"""The lists of an inverted index in BM25: what each posting adds, list by list, to a window of sums."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.bits import popcount, trailing_zeros
from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.layout import BLOCK, CHUNK, NIBBLE_ESCAPE, PAIRS, WORD_BITS, WORD_ESCAPE, Lists

ONE = np.uint64(1)

Floats: TypeAlias = NDArray[np.float32]
Curve: TypeAlias = tuple[np.float32, np.float32, np.float32]
"""A term's weight, extra and lift, of which `part_of_score` makes its part of the score."""


@kernel
def part_of_score(tf: np.float32, norm: np.float32, curve: Curve) -> np.float32:
    """What one term adds to a document's score: weight * (tf + lift * norm) / (tf + norm) + extra."""
    weight, extra, lift = curve
    return weight * ((tf + lift * norm) / (tf + norm)) + extra


@kernel
def escaped_tf(lists: Lists, posting: int) -> int:
    """The tf of a posting that does not fit its place."""
    return int(lists.escaped_tfs[np.searchsorted(lists.escaped, np.uint32(posting))])


@kernel
def small_tf(lists: Lists, posting: int) -> int:
    """The tf of a posting of a bitmap or chunked list."""
    tf = (int(lists.tfs[posting >> 1]) >> ((posting & 1) << 2)) & 15
    return escaped_tf(lists, posting) if tf == NIBBLE_ESCAPE else tf


@kernel
def word_tf(lists: Lists, posting: int, word: int) -> int:
    """The tf of a posting of a packed list."""
    tf = word & WORD_ESCAPE
    return escaped_tf(lists, posting) if tf == WORD_ESCAPE else tf


@kernel
def find_list(lists: Lists, term: int) -> tuple[int, int, int]:
    """The run, the first posting and the df of a term's list."""
    low, high = 0, len(lists.runs) - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if lists.runs[middle, 0] <= term:
            low = middle
        else:
            high = middle
    df = lists.runs[low, 2]
    return low, lists.runs[low, 1] + (term - lists.runs[low, 0]) * df, df


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
            tf = word_tf(lists, i + lists.counts[3], word)
            best = max(best, part_of_score(np.float32(tf), norms[word >> WORD_BITS], curve))
    return float(best)


@kernel
def add_bitmap(lists: Lists, row: int, first: int, base: int, end: int, norms: Floats, curve: Curve, sums: Floats) -> None:
    """Adds the postings of a bitmap list from document `base` to `end` to the sums."""
    for block in range(base // BLOCK, (end + BLOCK - 1) // BLOCK):
        posting = first + int(lists.ranks[row, block])
        for word in range(4):
            ones = lists.bits[row, block * 4 + word]
            origin = block * BLOCK + word * 64
            while ones:
                doc = origin + int(trailing_zeros(ones))
                ones &= ones - ONE
                tf = np.float32(small_tf(lists, posting))
                sums[doc - base] += part_of_score(tf, norms[doc], curve)
                posting += 1


@kernel
def add_chunked(lists: Lists, row: int, first: int, cursor: int, base: int, end: int, norms: Floats, curve: Curve, sums: Floats) -> int:
    """Adds the postings of a chunked list before document `end` to the sums, from `cursor` or `base` on, and returns where it stopped."""
    chunk = base // CHUNK
    origin = chunk * CHUNK
    stop = first + int(lists.chunk_starts[row, chunk + 1])
    shift = lists.counts[2]
    cursor = max(cursor, first + int(lists.chunk_starts[row, chunk]))
    if cursor < stop and origin + int(lists.ids[cursor - shift]) < base:
        cursor += np.searchsorted(lists.ids[cursor - shift : stop - shift], np.uint16(base - origin))
    while cursor < stop:
        doc = origin + int(lists.ids[cursor - shift])
        if doc >= end:
            break
        tf = np.float32(small_tf(lists, cursor))
        sums[doc - base] += part_of_score(tf, norms[doc], curve)
        cursor += 1
    return cursor


@kernel
def add_packed(lists: Lists, stop: int, cursor: int, base: int, end: int, norms: Floats, curve: Curve, sums: Floats) -> int:
    """Adds the postings of a packed list before document `end` to the sums, from `cursor` or `base` on, and returns where it stopped."""
    shift = lists.counts[3]
    if cursor < stop and int(lists.words[cursor - shift]) >> WORD_BITS < base:
        cursor += np.searchsorted(lists.words[cursor - shift : stop - shift], np.uint32(base << WORD_BITS))
    while cursor < stop:
        word = int(lists.words[cursor - shift])
        doc = word >> WORD_BITS
        if doc >= end:
            break
        tf = np.float32(word_tf(lists, cursor, word))
        sums[doc - base] += part_of_score(tf, norms[doc], curve)
        cursor += 1
    return cursor


@kernel
def complete_bitmap(
    lists: Lists,
    row: int,
    first: int,
    base: int,
    norms: Floats,
    curve: Curve,
    sums: Floats,
    passing: NDArray[np.int32],
    n_passing: int,
    least: np.float32,
) -> int:
    """Adds a bitmap list to the sums of the passing documents and keeps those that reach `least`; returns their number."""
    kept = 0
    for i in range(n_passing):
        local = passing[i]
        doc = base + local
        ones = lists.bits[row, doc >> 6]
        total = sums[local]
        if (ones >> np.uint64(doc & 63)) & ONE:
            block = doc // BLOCK
            rank = popcount(ones & ((ONE << np.uint64(doc & 63)) - ONE))
            for word in range(block * 4, doc >> 6):
                rank += popcount(lists.bits[row, word])
            tf = np.float32(small_tf(lists, first + int(lists.ranks[row, block]) + int(rank)))
            total += part_of_score(tf, norms[doc], curve)
            sums[local] = total
        passing[kept] = local
        kept += total >= least
    return kept
