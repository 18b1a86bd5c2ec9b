"""The lists of an inverted index in BM25: what each posting adds, list by list, to a window of sums.

What a posting adds is weight * saturation + extra. The saturation is the same for every query, so those of bitmap and
chunked lists are reckoned once, when a list is first asked for, and kept: float32 by posting number.

Places are unsigned here, so that numba leaves out its test for a place counted from the end.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.bits import popcount, trailing_zeros
from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.layout import CHUNK, NIBBLE_ESCAPE, PAIRS, WORD_BITS, WORD_ESCAPE, Lists

ONE = np.uint64(1)
TWO = np.uint64(2)
SIX = np.uint64(6)
EIGHT = np.uint64(8)
LOW = np.uint64(63)

Floats: TypeAlias = NDArray[np.float32]


@inner
def saturation(tf: np.float32, norm: np.float32, lift: np.float32) -> np.float32:
    """How much of a term's weight a document gets: (tf + lift * norm) / (tf + norm)."""
    return (tf + lift * norm) / (tf + norm)


@inner
def escaped_tf(escaped: NDArray[np.uint32], escaped_tfs: NDArray[np.int32], posting: np.uint64) -> np.float32:
    """The tf of a posting that does not fit its place."""
    low, high = integer(0), integer(len(escaped) - 1)
    while low < high:
        middle = (low + high) >> 1
        if np.uint64(escaped[middle]) < posting:
            low = middle + 1
        else:
            high = middle
    return np.float32(escaped_tfs[low])


@inner
def small_tf(tfs: NDArray[np.uint8], escaped: NDArray[np.uint32], escaped_tfs: NDArray[np.int32], posting: np.uint64) -> np.float32:
    """The tf of a posting of a bitmap or chunked list."""
    tf = (np.uint64(tfs[posting >> ONE]) >> ((posting & ONE) << TWO)) & np.uint64(15)
    return escaped_tf(escaped, escaped_tfs, posting) if tf == np.uint64(NIBBLE_ESCAPE) else np.float32(np.int32(tf))


@inner
def find_list(runs: NDArray[np.int64], term: int) -> tuple[int, int]:
    """The first posting and the df of a term's list."""
    low, high = 0, len(runs) - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if runs[middle, 0] <= term:
            low = middle
        else:
            high = middle
    df = runs[low, 2]
    return runs[low, 1] + (term - runs[low, 0]) * df, df


@inner
def word_saturation(
    words: NDArray[np.uint32],
    escaped: NDArray[np.uint32],
    escaped_tfs: NDArray[np.int32],
    norms: Floats,
    lift: np.float32,
    place: int,
    shift: int,
) -> np.float32:
    """The saturation of the posting at a place of the packed lists, of which `shift` is the first posting."""
    word = integer(words[place])
    tf = word & WORD_ESCAPE
    exact = np.float32(tf) if tf < WORD_ESCAPE else escaped_tf(escaped, escaped_tfs, np.uint64(place + shift))
    return saturation(exact, norms[word >> WORD_BITS], lift)


@kernel
def norms_of(lengths: NDArray[np.int32], line: tuple[float, float]) -> Floats:
    """float32 (documents,): line[0] + line[1] * length of documents with these int32 (documents,) lengths."""
    norms = np.empty(len(lengths), np.float32)
    for i in range(len(lengths)):
        norms[i] = line[0] + line[1] * lengths[i]
    return norms


@kernel
def saturate(
    lists: Lists, terms: NDArray[np.int32], norms: Floats, lift: np.float32, saturations: Floats, unpacked: NDArray[np.uint16]
) -> None:
    """Writes the saturations of the postings of some bitmap and chunked lists, and the documents of those in bitmap lists.

    Args:
        lists: the postings.
        terms: int32 (n,) the lists.
        norms: float32 (documents,).
        lift: see `saturation`.
        saturations: float32 (postings of bitmap and chunked lists,), written where these lists are.
        unpacked: uint16 (postings of bitmap lists,), written where these lists are: numbers within chunks of 65,536.
    """
    for term in terms:
        first, _ = find_list(lists.runs, term)
        posting = np.uint64(first)
        if term < lists.counts[0]:
            for word in range(lists.bits.shape[1]):
                ones = lists.bits[term, word]
                while ones:
                    doc = (np.uint64(word) << SIX) + trailing_zeros(ones)
                    ones &= ones - ONE
                    tf = small_tf(lists.tfs, lists.escaped, lists.escaped_tfs, posting)
                    saturations[posting] = saturation(tf, norms[doc], lift)
                    unpacked[posting] = np.uint16(doc & np.uint64(CHUNK - 1))
                    posting += ONE
        else:
            row = term - lists.counts[0]
            for chunk in range(lists.chunk_starts.shape[1] - 1):
                origin = np.uint64(chunk * CHUNK)
                for _ in range(lists.chunk_starts[row, chunk], lists.chunk_starts[row, chunk + 1]):
                    doc = origin + np.uint64(lists.ids[posting - np.uint64(lists.counts[2])])
                    tf = small_tf(lists.tfs, lists.escaped, lists.escaped_tfs, posting)
                    saturations[posting] = saturation(tf, norms[doc], lift)
                    posting += ONE


@inner
def list_bound(lists: Lists, term: int, line: tuple[float, float], lift: np.float32) -> np.float32:
    """The highest saturation in a list, or more; 1 for a packed one: rare terms come first, and a closer bound would win nothing."""
    if term >= lists.counts[0] + lists.counts[1]:
        return np.float32(1)
    best = np.float32(0)
    for pair in range(PAIRS):
        tf = integer(lists.list_tfs[term, pair])
        if tf == 255:
            tf = 1 << 30
        if tf:
            norm = np.float32(line[0] + line[1] * lists.list_lengths[term, pair])
            best = max(best, saturation(np.float32(tf), norm, lift))
    return best


@inner
def first_from(ids: NDArray[np.uint16], low: int, high: int, wanted: int) -> int:
    """The first place from `low` on, before `high`, whose id is not below the wanted one; `high` where there is none."""
    while low < high:
        middle = (low + high) >> 1
        if integer(ids[middle]) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def add_stretch(
    ids: NDArray[np.uint16],
    saturations: Floats,
    sums: Floats,
    start: int,
    stop: int,
    shift: int,
    low: int,
    weight: np.float32,
    extra: np.float32,
) -> None:
    """Adds the postings of ids[start:stop] to the sums.

    Posting `shift` stands at ids[0], and the window begins `low` documents into its chunk.
    """
    up, down = np.uint64(shift), np.uint64(low)
    for place in range(np.uint64(start), np.uint64(stop)):
        sums[np.uint64(ids[place]) - down] += weight * saturations[place + up] + extra


@inner
def find_stretch(
    ids: NDArray[np.uint16], starts: NDArray[np.uint32], row: int, first: int, cursor: int, base: int, end: int
) -> tuple[int, int]:
    """Where the postings of a chunked list from document `base` to `end` begin and end in `ids`.

    `first` is where the list begins there, `cursor` where its last stretch ended.
    """
    chunk = base // CHUNK
    start = max(cursor, first + integer(starts[row, chunk]))
    stop = first + integer(starts[row, chunk + 1])
    origin = chunk * CHUNK
    if start < stop and origin + integer(ids[start]) < base:
        start = first_from(ids, start, stop, base - origin)
    if start < stop and origin + integer(ids[stop - 1]) >= end:
        stop = first_from(ids, start, stop, end - origin)
    return start, stop


@inner
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
    weight: np.float32,
    extra: np.float32,
    lift: np.float32,
) -> int:
    """Adds the postings of a packed list from document `base` to `end` to the sums, and returns where it stopped."""
    while cursor < stop:
        doc = integer(words[cursor - shift]) >> WORD_BITS
        if doc >= end:
            break
        if doc >= base:
            sums[doc - base] += weight * word_saturation(words, escaped, escaped_tfs, norms, lift, cursor - shift, shift) + extra
        cursor += 1
    return cursor


@inner
def complete_bitmap(
    bits: NDArray[np.uint64],
    ranks: NDArray[np.uint32],
    saturations: Floats,
    sums: Floats,
    row: int,
    first: int,
    base: int,
    weight: np.float32,
    extra: np.float32,
    passing: NDArray[np.int32],
    n_passing: int,
    least: np.float32,
) -> int:
    """Adds a bitmap list to the sums of the passing documents and keeps those that reach `least`; returns their number."""
    kept = np.uint64(0)
    for i in range(np.uint64(n_passing)):
        local = np.uint64(passing[i])
        doc = np.uint64(base) + local
        word = doc >> SIX
        ones = bits[row, word]
        total = sums[local]
        if (ones >> (doc & LOW)) & ONE:
            rank = popcount(ones & ((ONE << (doc & LOW)) - ONE))
            block = doc >> EIGHT
            for before in range(block << TWO, word):
                rank += popcount(bits[row, before])
            total += weight * saturations[np.uint64(first) + np.uint64(ranks[row, block]) + rank] + extra
            sums[local] = total
        passing[kept] = np.int32(local)
        kept += np.uint64(total >= least)
    return integer(kept)
