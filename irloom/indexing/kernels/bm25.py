"""BM25 over an inverted index: exact top-k, the same bits whatever is skipped, batched or run beside it.

A query's terms are taken in one order: rare terms by falling bound, then frequent ones, whose lists are bitmaps, by
falling bound. Documents are taken in windows. In a window, lists are added to a row of sums as long as the lists that
are left could lift a new document over the threshold; from there on only the documents that can still pass are looked
up in the bitmaps (MaxScore; Turtle and Flood 1995, "Query evaluation: strategies and optimizations"). Each document's
sum is made of the same float32 additions in the same order either way.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.best import BIN_SHIFT, BINS, best_first, bin_of, filter_passing, pick
from irloom.indexing.kernels.bm25_lists import add_packed, add_stretch, complete_bitmap, find_list, find_stretch, list_bound
from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.layout import BLOCK, CHUNK, WORD_BITS, Lists
from irloom.indexing.kernels.sorting import sort_first

WINDOW = 16_384
"""Documents whose sums are made at a time: 64 KiB, so that they and their norms stay in the second cache."""
FIRST_WINDOW = 1024
"""The first window is small, since there is no threshold yet; each next one is three times what lies before it, up to `WINDOW`."""
FEW = 16
"""Lists that have less than a 16th of a window's documents are added before the passing documents are looked for."""
LOOK_UP = 4
"""How many postings are added in the time that it takes to look up one document."""
TINY = np.float32(1e-30)
ZERO = integer(0)
"""A start that numba does not take for a constant, of which it would compile a version of its own."""


class Formula(NamedTuple):
    """BM25 with its parameters set, for one segment.

    Attributes:
        saturations: float32 (postings of bitmap and chunked lists,), filled by `saturate` for the lists that are searched.
        documents: uint16 (postings of bitmap lists,), filled by `saturate` too: their documents within chunks of 65,536.
        norms: float32 (documents,): what the length makes of each document.
        line: norm = line[0] + line[1] * length.
        lift: see `saturation`.
        gain: what a term's weight is multiplied with.
        bonus: what a term's weight is multiplied with and added for each document that has the term.
        idf: float64 (runs,) of each run of terms with equal df.
    """

    saturations: NDArray[np.float32]
    documents: NDArray[np.uint16]
    norms: NDArray[np.float32]
    line: tuple[float, float]
    lift: float
    gain: float
    bonus: float
    idf: NDArray[np.float64]


class Places(NamedTuple):
    """Ties: int32 (documents,) the rank of each document, and int32 (documents,) the document of each rank."""

    rank: NDArray[np.int32]
    order: NDArray[np.int32]


class Plan(NamedTuple):
    """A query's terms in the order in which they are added; `size` of what the longest query needs.

    Attributes:
        terms: int64 (size,) term numbers.
        first: int64 (size,) first postings.
        df: int64 (size,).
        cursor: int64 (size,) where the last window ended, for chunked and packed lists.
        weights: float32 (size,), and extras: float32 (size,).
        rest: float64 (size + 1,): the most that the lists from this one on can add.
        counted, counts: int64 (size,), bounds: float32 (size,), keys: uint64 (size,): what it is made with.
    """

    terms: NDArray[np.int64]
    first: NDArray[np.int64]
    df: NDArray[np.int64]
    cursor: NDArray[np.int64]
    weights: NDArray[np.float32]
    extras: NDArray[np.float32]
    rest: NDArray[np.float64]
    counted: NDArray[np.int64]
    counts: NDArray[np.int64]
    bounds: NDArray[np.float32]
    keys: NDArray[np.uint64]


class Room(NamedTuple):
    """What one thread works in.

    Attributes:
        sums: float32 (WINDOW,) of zeros.
        passing: int32 (WINDOW,), and flags: uint8 (WINDOW,).
        docs: int32 (documents + 1,), and scores: float32 (documents + 1,): what has passed so far.
        bins: int32 (BINS,).
    """

    sums: NDArray[np.float32]
    passing: NDArray[np.int32]
    flags: NDArray[np.uint8]
    docs: NDArray[np.int32]
    scores: NDArray[np.float32]
    bins: NDArray[np.int32]


@inner
def count_terms(wanted: NDArray[np.int32], keys: NDArray[np.uint64], terms: NDArray[np.int64], counts: NDArray[np.int64]) -> int:
    """Writes the distinct known terms, rising, and how often each is wanted; returns how many there are. -1 is an unknown term."""
    size = ZERO
    for term in wanted:
        if term >= 0:
            keys[size] = np.uint64(term)
            size += 1
    sort_first(keys, ZERO, size, size)
    count = ZERO
    for i in range(size):
        if i == 0 or keys[i] != keys[i - 1]:
            terms[count], counts[count] = integer(keys[i]), 0
            count += 1
        counts[count - 1] += 1
    return count


@inner
def make_plan(lists: Lists, formula: Formula, wanted: NDArray[np.int32], plan: Plan) -> int:
    """Plans a query and returns the number of its terms: those with bitmaps last, then by falling bound, then by number.

    Terms without weight are dropped.
    """
    terms, counts, bounds, keys = plan.counted, plan.counts, plan.bounds, plan.keys
    falling = bounds.view(np.uint32)
    size = ZERO
    for i in range(count_terms(wanted, keys, terms, counts)):
        run, first, df = find_list(lists.runs, terms[i])
        weight = counts[i] * formula.idf[run]
        if weight > 0:
            terms[size], counts[size] = terms[i], counts[i]
            bound = list_bound(lists, terms[i], first, df, formula.norms, formula.line, np.float32(formula.lift))
            bounds[size] = np.float32(weight * formula.gain) * bound + np.float32(weight * formula.bonus)
            size += 1
    for i in range(size):
        is_bitmap = np.uint64(terms[i] < lists.counts[0])
        keys[i] = (is_bitmap << np.uint64(63)) | (np.uint64(0x7FFFFFFF - falling[i]) << np.uint64(32)) | np.uint64(i)
    sort_first(keys, ZERO, size, size)
    plan.rest[size] = 0
    for i in range(size - 1, -1, -1):
        place = integer(keys[i] & np.uint64(0xFFFFFFFF))
        run, first, df = find_list(lists.runs, terms[place])
        weight = counts[place] * formula.idf[run]
        plan.terms[i], plan.first[i], plan.df[i], plan.cursor[i] = terms[place], first, df, first
        plan.weights[i], plan.extras[i] = weight * formula.gain, weight * formula.bonus
        plan.rest[i] = plan.rest[i + 1] + bounds[place]
    return size


@inner
def score_window(lists: Lists, formula: Formula, plan: Plan, n_terms: int, base: int, end: int, threshold: float, room: Room) -> int:
    """Fills room.passing with the documents from `base` to `end` that reach the threshold, and room.sums with their scores.

    Returns how many there are.
    """
    bitmaps, unpacked, in_bitmaps, in_unpacked = lists.counts[0], lists.counts[0] + lists.counts[1], lists.counts[2], lists.counts[3]
    bits, ranks, ids, starts, words = lists.bits, lists.ranks, lists.ids, lists.chunk_starts, lists.words
    escaped, escaped_tfs, norms, lift = lists.escaped, lists.escaped_tfs, formula.norms, np.float32(formula.lift)
    saturations, sums, flags, passing_docs = formula.saturations, room.sums, room.flags, room.passing
    documents, low = formula.documents, base % CHUNK
    passing = -1
    for i in range(n_terms):
        term, first, cursor, weight, extra = plan.terms[i], plan.first[i], plan.cursor[i], plan.weights[i], plan.extras[i]
        if term >= unpacked:
            stop = first + plan.df[i]
            if cursor < stop and integer(words[cursor - in_unpacked]) >> WORD_BITS < end:
                plan.cursor[i] = add_packed(
                    words, escaped, escaped_tfs, norms, sums, stop, in_unpacked, cursor, base, end, weight, extra, lift
                )
        elif term >= bitmaps:
            start, stop = find_stretch(ids, starts, term - bitmaps, first - in_bitmaps, cursor - in_bitmaps, base, end)
            plan.cursor[i] = stop + in_bitmaps
            add_stretch(ids, saturations, sums, start, stop, in_bitmaps, low, weight, extra)
        elif passing != 0:
            start, stop = first + integer(ranks[term, base // BLOCK]), first + integer(ranks[term, (end + BLOCK - 1) // BLOCK])
            if passing < 0 and plan.rest[i] < threshold and (stop - start) * FEW > end - base:
                passing = pick(sums, end - base, max(TINY, np.float32(threshold - plan.rest[i])), flags, passing_docs)
            least = max(TINY, np.float32(threshold - plan.rest[i + 1]))
            if passing < 0 or passing * LOOK_UP > stop - start:
                add_stretch(documents, saturations, sums, start, stop, ZERO, low, weight, extra)
                passing = filter_passing(sums, passing_docs, passing, least)
            else:
                passing = complete_bitmap(bits, ranks, saturations, sums, term, first, base, weight, extra, passing_docs, passing, least)
    if passing < 0:
        passing = pick(sums, end - base, max(TINY, np.float32(threshold)), flags, passing_docs)
    return passing


@inner
def search_one(
    lists: Lists,
    formula: Formula,
    places: Places,
    wanted: NDArray[np.int32],
    k: int,
    plan: Plan,
    room: Room,
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
) -> int:
    """Writes the best `k` documents of one query and returns how many there are."""
    n_terms = make_plan(lists, formula, wanted, plan)
    n_documents, bins = len(lists.lengths), room.bins
    if n_terms == 0:
        return 0
    origin = integer(np.float32(plan.rest[0]).view(np.int32) >> BIN_SHIFT) + 2 - BINS
    slack = 1 - 1e-6 - 3e-7 * n_terms
    bins[:] = 0
    lowest, highest, above, size = ZERO, ZERO, ZERO, ZERO
    least_bin = integer(BINS)
    threshold = np.float64(0)
    base = ZERO
    while base < n_documents:
        end = min(base + min(max(3 * base, FIRST_WINDOW), WINDOW), n_documents)
        passing = score_window(lists, formula, plan, n_terms, base, end, threshold, room)
        for i in range(passing):
            local = room.passing[i]
            score = room.sums[local]
            place = bin_of(np.float32(score).view(np.int32), origin)
            counts = integer(place >= lowest)
            room.docs[size], room.scores[size] = base + local, score
            size += counts
            above += counts
            bins[place] += counts
            highest = max(highest, place)
            least_bin = min(least_bin, place)
        if above >= k:
            lowest = max(lowest, least_bin)
        while above - bins[lowest] >= k:
            above -= bins[lowest]
            lowest += 1
        threshold = np.float64(np.int32((lowest + origin) << BIN_SHIFT).view(np.float32)) * slack if lowest else np.float64(0)
        room.sums[: end - base] = 0
        base = end
    return best_first(
        room.docs, room.scores, size, k, bins, max(lowest, least_bin), highest, origin, places.rank, places.order, out_docs, out_scores
    )


@kernel
def search_many(
    lists: Lists,
    formula: Formula,
    places: Places,
    wanted: NDArray[np.int32],
    offsets: NDArray[np.int64],
    k: int,
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
    found: NDArray[np.int64],
) -> None:
    """The best `k` documents of many queries, one after another.

    Args:
        lists: the postings.
        formula: what scores them.
        places: what settles ties.
        wanted: int32 (terms,) the terms of all queries, -1 where unknown.
        offsets: int64 (queries + 1,) where each query's terms begin.
        k: 1 or more.
        out_docs: int64 (queries, k), written.
        out_scores: float32 (queries, k), written.
        found: int64 (queries,), written: how many of each row are filled.
    """
    n_documents = len(lists.lengths)
    room = Room(
        np.zeros(WINDOW, np.float32),
        np.empty(WINDOW, np.int32),
        np.empty(WINDOW, np.uint8),
        np.empty(n_documents + 1, np.int32),
        np.empty(n_documents + 1, np.float32),
        np.empty(BINS, np.int32),
    )
    longest = ZERO
    for row in range(len(found)):
        longest = max(longest, offsets[row + 1] - offsets[row])
    plan = Plan(
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.float32),
        np.empty(longest, np.float32),
        np.empty(longest + 1, np.float64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.float32),
        np.empty(longest, np.uint64),
    )
    for row in range(len(found)):
        terms = wanted[offsets[row] : offsets[row + 1]]
        found[row] = search_one(lists, formula, places, terms, k, plan, room, out_docs[row], out_scores[row])
