"""BM25 by documents instead of by lists: where a filter leaves few documents, their terms are looked up in the forward files.

A score is made of the same float32 additions in the same order as by lists.
"""

from typing import NamedTuple

import numpy as np
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from irloom.indexing.kernels.addresses import lists_at, pointer
from irloom.indexing.kernels.best import HALF, THIRTY_TWO
from irloom.indexing.kernels.bits import popcount
from irloom.indexing.kernels.bm25 import TINY, Places, formula_at
from irloom.indexing.kernels.bm25_lists import LOW, ONE, SIX, escaped_tf, first_from, saturation, small_tf
from irloom.indexing.kernels.bm25_queries import ZERO, Queries, TermRows
from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.layout import CHUNK, WORD_BITS, WORD_ESCAPE, Lists
from irloom.indexing.kernels.sorting import sort_first

LOOK_UP = 16
"""How many postings are added in the time that it takes to look up one term of one document."""


class Forward(NamedTuple):
    """A segment's forward file: uint32 (postings,) term << 6 | tf, rising in each document; int64 (documents + 1,) where each begins."""

    words: NDArray[np.uint32]
    offsets: NDArray[np.int64]


@inner
def forward_at(rows: NDArray[np.int64]) -> Forward:
    """A forward file by the addresses of its arrays: int64 (2, 3)."""
    return Forward(carray(pointer(rows[0, 0]), (rows[0, 1],), np.uint32), carray(pointer(rows[1, 0]), (rows[1, 1],), np.int64))


@inner
def forward_tf(forward: Forward, document: int, term: int) -> int:
    """The tf of a term in a document, 0 where it has none; 63 stands for 63 or more."""
    low, high = forward.offsets[document], forward.offsets[document + 1]
    least = term << WORD_BITS
    while low < high:
        middle = (low + high) >> 1
        if integer(forward.words[middle]) < least:
            low = middle + 1
        else:
            high = middle
    if low == forward.offsets[document + 1] or integer(forward.words[low]) >> WORD_BITS != term:
        return 0
    return integer(forward.words[low]) & WORD_ESCAPE


@inner
def list_tf(lists: Lists, term: int, first: int, document: int) -> np.float32:
    """The exact tf of a document that is in the list of a term."""
    bitmaps, chunked, in_bitmaps, in_unpacked = lists.counts[0], lists.counts[1], lists.counts[2], lists.counts[3]
    if term < bitmaps:
        word = np.uint64(document) >> SIX
        posting = np.uint64(first) + popcount(lists.bits[term, word] & ((ONE << (np.uint64(document) & LOW)) - ONE))
        for before in range(word):
            posting += popcount(lists.bits[term, before])
        return small_tf(lists.tfs, lists.escaped, lists.escaped_tfs, posting)
    if term < bitmaps + chunked:
        row, chunk = term - bitmaps, document // CHUNK
        start = first - in_bitmaps + integer(lists.chunk_starts[row, chunk])
        stop = first - in_bitmaps + integer(lists.chunk_starts[row, chunk + 1])
        place = first_from(lists.ids, start, stop, document % CHUNK)
        return small_tf(lists.tfs, lists.escaped, lists.escaped_tfs, np.uint64(place + in_bitmaps))
    place = first - in_unpacked
    while integer(lists.words[place]) >> WORD_BITS < document:
        place += 1
    return escaped_tf(lists.escaped, lists.escaped_tfs, np.uint64(place + in_unpacked))


@inner
def score_few(
    addresses: NDArray[np.int64],
    lift: float,
    places: Places,
    queries: Queries,
    begin: int,
    end: int,
    terms: TermRows,
    few: NDArray[np.int64],
    keys: NDArray[np.uint64],
) -> int:
    """Writes a key, rising by falling score and rising rank, for each of few documents that the terms from `begin` to `end` find."""
    size, cursor, position = ZERO, ZERO, ZERO
    slant = np.float32(lift)
    for segment in range(len(addresses)):
        lists = lists_at(addresses[segment])
        formula = formula_at(addresses[segment, len(lists) :], (0.0, 0.0), lift)
        forward = forward_at(addresses[segment, len(lists) + 3 :])
        while cursor < len(few) and few[cursor] < position + len(lists.lengths):
            document = few[cursor] - position
            total = np.float32(0)
            for place in range(begin, end):
                known = queries.rows[place]
                term = integer(terms.numbers[known, segment])
                tf = forward_tf(forward, document, term) if term >= 0 else ZERO
                if tf:
                    exact = np.float32(tf)
                    if tf == WORD_ESCAPE:
                        exact = list_tf(lists, term, integer(terms.firsts[known, segment]), document)
                    total += queries.weights[place] * saturation(exact, formula.norms[document], slant) + queries.extras[place]
            if total >= TINY:
                falling = HALF - np.uint64(np.float32(total).view(np.uint32))
                keys[size] = (falling << THIRTY_TWO) | np.uint64(places.rank[position + document])
                size += 1
            cursor += 1
        position += len(lists.lengths)
    return size


@kernel
def scan_few(
    addresses: NDArray[np.int64],
    lift: float,
    places: Places,
    queries: Queries,
    terms: TermRows,
    few: NDArray[np.int64],
    k: int,
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
    found: NDArray[np.int64],
    pending: NDArray[np.bool_],
) -> None:
    """The best `k` of few documents, for those queries whose lists would take longer to add.

    Args:
        addresses: int64 (segments, arrays, 3) of each segment's postings, formula and forward file, in the order of `Lists`, `Formula`
            and `Forward`.
        lift: see `Formula`.
        places: what settles ties.
        queries: n of them.
        terms: where each segment has the terms.
        few: int64 (m,) positions of the documents that may be found, rising.
        k: 1 or more.
        out_docs: int64 (n, k) positions, written.
        out_scores: float32 (n, k), written.
        found: int64 (n,), written: how many of each row are filled.
        pending: bool (n,), written: False for each query that is answered.
    """
    keys = np.empty(len(few), np.uint64)
    for row in range(len(found)):
        begin, end = queries.offsets[row], queries.offsets[row + 1]
        postings = ZERO
        for place in range(begin, end):
            for segment in range(len(addresses)):
                if terms.numbers[queries.rows[place], segment] >= 0:
                    postings += terms.sizes[queries.rows[place], segment]
        if len(few) * (end - begin) * LOOK_UP > postings:
            continue
        size = score_few(addresses, lift, places, queries, begin, end, terms, few, keys)
        found[row], pending[row] = min(k, size), False
        sort_first(keys, ZERO, size, found[row])
        bits = out_scores[row].view(np.uint32)
        for i in range(found[row]):
            out_docs[row, i] = places.order[keys[i] & HALF]
            bits[i] = np.uint32(HALF - (keys[i] >> THIRTY_TWO))
