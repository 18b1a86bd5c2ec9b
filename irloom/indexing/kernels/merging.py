"""Indexes of segments to one: their lists and their documents' terms under new numbers."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.bits import trailing_zeros
from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.layout import CHUNK, NIBBLE_ESCAPE, WORD_BITS, WORD_ESCAPE, Lists

ONE = np.uint64(1)


@inner
def first_escaped(escaped: NDArray[np.uint32], posting: int) -> int:
    """The first place among the escaped postings that is not before a posting."""
    low, high = integer(0), integer(len(escaped))
    while low < high:
        middle = (low + high) >> 1
        if integer(escaped[middle]) < posting:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def read_list(lists: Lists, term: int, first: int, df: int, docs: NDArray[np.int32], tfs: NDArray[np.int32]) -> None:
    """Writes the documents, rising, and the tfs of the list of a term, whose first posting is `first`, into int32 (df,) arrays."""
    bitmaps, unpacked = lists.counts[0], lists.counts[0] + lists.counts[1]
    escape = NIBBLE_ESCAPE
    if term < bitmaps:
        place = integer(0)
        for word in range(lists.bits.shape[1]):
            ones = lists.bits[term, word]
            while ones:
                docs[place] = (word << 6) + integer(trailing_zeros(ones))
                ones &= ones - ONE
                place += 1
    elif term < unpacked:
        shift, row = first - lists.counts[2], term - bitmaps
        for chunk in range(lists.chunk_starts.shape[1] - 1):
            for place in range(lists.chunk_starts[row, chunk], lists.chunk_starts[row, chunk + 1]):
                docs[place] = chunk * CHUNK + integer(lists.ids[shift + place])
    else:
        escape = WORD_ESCAPE
        shift = first - lists.counts[3]
        for place in range(df):
            word = integer(lists.words[shift + place])
            docs[place], tfs[place] = word >> WORD_BITS, word & WORD_ESCAPE
    if term < unpacked:
        for place in range(df):
            posting = first + place
            tfs[place] = (integer(lists.tfs[posting >> 1]) >> ((posting & 1) << 2)) & NIBBLE_ESCAPE
    cursor = integer(-1)
    for place in range(df):
        if tfs[place] == escape:
            if cursor < 0:
                cursor = first_escaped(lists.escaped, first + place)
            tfs[place] = lists.escaped_tfs[cursor]
            cursor += 1


@kernel
def merge_lists(
    lists: Lists,
    moved: NDArray[np.int32],
    number: NDArray[np.int32],
    first_term: int,
    places: NDArray[np.int64],
    list_docs: NDArray[np.int32],
    list_tfs: NDArray[np.int32],
) -> None:
    """Adds a segment's postings of the terms from `first_term` on, as many as there are `places`, to their lists.

    Args:
        lists: the segment's postings.
        moved: int32 (documents,): the new number of each document, rising; -1 where it is deleted.
        number: int32 (terms,): the new number of each term; -1 where no document has it any more.
        first_term: the first list, by its new number.
        places: int64 (lists,): where each list goes on in the output; moved to where it ends.
        list_docs: int32 (postings of these lists,), written.
        list_tfs: int32 (postings of these lists,), written.
    """
    docs, tfs = np.empty(len(moved), np.int32), np.empty(len(moved), np.int32)
    for run in range(len(lists.runs) - 1):
        df = lists.runs[run, 2]
        for term in range(lists.runs[run, 0], lists.runs[run + 1, 0]):
            row = number[term] - first_term
            if number[term] < 0 or row < 0 or row >= len(places):
                continue
            read_list(lists, term, lists.runs[run, 1] + (term - lists.runs[run, 0]) * df, df, docs, tfs)
            place = places[row]
            for i in range(df):
                doc = moved[docs[i]]
                if doc >= 0:
                    list_docs[place], list_tfs[place] = doc, tfs[i]
                    place += 1
            places[row] = place


@kernel
def merge_forward(
    words: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    moved: NDArray[np.int32],
    number: NDArray[np.int32],
    start: int,
    stop: int,
    out: NDArray[np.uint32],
) -> int:
    """Writes the words of the documents start:stop that are not deleted under new numbers, rising in each; returns how many there are.

    Args:
        words: uint32 (postings,), term << 6 | tf.
        offsets: int64 (documents + 1,).
        moved: int32 (documents,), -1 where one is deleted.
        number: int32 (terms,): the new number of each term.
        start: the first document.
        stop: the one after the last.
        out: uint32, written.
    """
    size = integer(0)
    for document in range(start, stop):
        if moved[document] < 0:
            continue
        first = size
        for place in range(offsets[document], offsets[document + 1]):
            word = words[place]
            out[size] = np.uint32((number[word >> WORD_BITS] << WORD_BITS) | (word & np.uint32(WORD_ESCAPE)))
            size += 1
        out[first:size].sort()
    return size
