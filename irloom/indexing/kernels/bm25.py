"""BM25 over the inverted indexes of segments: exact top-k, the same bits whatever is skipped, batched or run beside it.

A query's terms are taken in the order that `order_terms` gives them, the same in every segment. Documents are taken in
windows. In a window, lists are added to a row of sums as long as the lists that are left could lift a new document over the
threshold; from there on only the documents that can still pass are looked up in the lists that are bitmaps (MaxScore; Turtle and
Flood 1995, "Query evaluation: strategies and optimizations"). Each document's sum is made of the same float32 additions in the
same order either way. What is found in one segment is where the next one begins: so is its threshold.
"""

from typing import NamedTuple

import numpy as np
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from irloom.indexing.kernels.addresses import lists_at, pointer
from irloom.indexing.kernels.best import BIN_SHIFT, BINS, best_first, best_unsorted, bin_of, filter_passing, keep_allowed, pick
from irloom.indexing.kernels.bm25_lists import add_packed, add_stretch, complete_bitmap, find_stretch, list_bound
from irloom.indexing.kernels.bm25_queries import ZERO, Queries, TermRows
from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.layout import BLOCK, CHUNK, WORD_BITS, Lists

WINDOW = 16_384
"""Documents whose sums are made at a time: 64 KiB, so that they and their norms stay in the second cache."""
FIRST_WINDOW = 1024
"""The first window is small, since there is no threshold yet; each next one is three times what lies before it, up to `WINDOW`."""
FEW = 16
"""Lists that have less than a 16th of a window's documents are added before the passing documents are looked for."""
LOOK_UP = 4
"""How many postings are added in the time that it takes to look up one document."""
TINY = np.float32(1e-30)


class Formula(NamedTuple):
    """BM25 with its parameters set, for one segment.

    Attributes:
        saturations: float32 (postings of bitmap and chunked lists,), filled by `saturate` for the lists that are searched.
        documents: uint16 (postings of bitmap lists,), filled by `saturate` too: their documents within chunks of 65,536.
        norms: float32 (documents,): what the length makes of each document.
        line: norm = line[0] + line[1] * length; the same in all segments.
        lift: see `saturation`; the same in all segments.
    """

    saturations: NDArray[np.float32]
    documents: NDArray[np.uint16]
    norms: NDArray[np.float32]
    line: tuple[float, float]
    lift: float


class Places(NamedTuple):
    """The positions of all segments.

    Attributes:
        rank: int32 (positions,), the smaller one wins a tie.
        order: int32 (positions,), the position of each rank.
        allowed: bool (positions,) which may be found, or (0,) where all may.
    """

    rank: NDArray[np.int32]
    order: NDArray[np.int32]
    allowed: NDArray[np.bool_]


class Plan(NamedTuple):
    """A query's terms in one segment, in the order in which they are added; `size` of what the longest query needs.

    Attributes:
        terms: int64 (size,) term numbers.
        first: int64 (size,) first postings.
        df: int64 (size,).
        cursor: int64 (size,) where the last window ended, for chunked and packed lists.
        weights: float32 (size,), and extras: float32 (size,).
        bounds: float64 (size,), the most that each list can add.
        rest: float64 (size + 1,): the most that the lists from this one on can add.
    """

    terms: NDArray[np.int64]
    first: NDArray[np.int64]
    df: NDArray[np.int64]
    cursor: NDArray[np.int64]
    weights: NDArray[np.float32]
    extras: NDArray[np.float32]
    bounds: NDArray[np.float64]
    rest: NDArray[np.float64]


class Room(NamedTuple):
    """What one thread works in.

    Attributes:
        sums: float32 (WINDOW,) of zeros.
        passing: int32 (WINDOW,), and flags: uint8 (WINDOW,).
        docs: int32 (documents + k + 1,), and scores: float32 (documents + k + 1,): positions of what has passed so far.
        bins: int32 (BINS,).
    """

    sums: NDArray[np.float32]
    passing: NDArray[np.int32]
    flags: NDArray[np.uint8]
    docs: NDArray[np.int32]
    scores: NDArray[np.float32]
    bins: NDArray[np.int32]


@inner
def make_plan(lists: Lists, formula: Formula, queries: Queries, row: int, terms: TermRows, segment: int, plan: Plan) -> int:
    """Plans a query and returns the number of its terms that the segment has."""
    size = ZERO
    for place in range(queries.offsets[row], queries.offsets[row + 1]):
        known = queries.rows[place]
        term = integer(terms.numbers[known, segment])
        if term >= 0:
            first, df = integer(terms.firsts[known, segment]), integer(terms.sizes[known, segment])
            weight, extra = queries.weights[place], queries.extras[place]
            plan.terms[size], plan.first[size], plan.df[size], plan.cursor[size] = term, first, df, first
            plan.weights[size], plan.extras[size] = weight, extra
            bound = list_bound(lists, term, formula.line, np.float32(formula.lift))
            plan.bounds[size] = weight * bound + extra
            size += 1
    plan.rest[size] = 0
    for i in range(size - 1, -1, -1):
        plan.rest[i] = plan.rest[i + 1] + plan.bounds[i]
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
    passing = integer(-1)
    for i in range(n_terms):
        if passing == 0:
            break
        term, first, cursor, weight, extra = plan.terms[i], plan.first[i], plan.cursor[i], plan.weights[i], plan.extras[i]
        least = max(TINY, np.float32(threshold - plan.rest[i + 1]))
        if term >= unpacked:
            stop = first + plan.df[i]
            if cursor < stop and integer(words[cursor - in_unpacked]) >> WORD_BITS < end:
                plan.cursor[i] = add_packed(
                    words, escaped, escaped_tfs, norms, sums, stop, in_unpacked, cursor, base, end, weight, extra, lift
                )
            passing = filter_passing(sums, passing_docs, passing, least)
        elif term >= bitmaps:
            start, stop = find_stretch(ids, starts, term - bitmaps, first - in_bitmaps, cursor - in_bitmaps, base, end)
            plan.cursor[i] = stop + in_bitmaps
            add_stretch(ids, saturations, sums, start, stop, in_bitmaps, low, weight, extra)
            passing = filter_passing(sums, passing_docs, passing, least)
        else:
            start, stop = first + integer(ranks[term, base // BLOCK]), first + integer(ranks[term, (end + BLOCK - 1) // BLOCK])
            if passing < 0 and plan.rest[i] < threshold and (stop - start) * FEW > end - base:
                passing = pick(sums, end - base, max(TINY, np.float32(threshold - plan.rest[i])), flags, passing_docs)
            if passing < 0 or passing * LOOK_UP > stop - start:
                add_stretch(documents, saturations, sums, start, stop, ZERO, low, weight, extra)
                passing = filter_passing(sums, passing_docs, passing, least)
            else:
                passing = complete_bitmap(bits, ranks, saturations, sums, term, first, base, weight, extra, passing_docs, passing, least)
    if passing < 0:
        passing = pick(sums, end - base, max(TINY, np.float32(threshold)), flags, passing_docs)
    return passing


@inner
def take_up(docs: NDArray[np.int64], scores: NDArray[np.float32], found: int, room: Room, origin: int) -> tuple[int, int]:
    """Begins with what is found already; returns its highest and its lowest bin."""
    highest, least_bin = ZERO, integer(BINS)
    room.bins[:] = 0
    for i in range(found):
        place = bin_of(np.float32(scores[i]).view(np.int32), origin)
        room.docs[i], room.scores[i] = docs[i], scores[i]
        room.bins[place] += 1
        highest, least_bin = max(highest, place), min(least_bin, place)
    return highest, least_bin


@inner
def search_one(
    lists: Lists,
    formula: Formula,
    places: Places,
    position: int,
    queries: Queries,
    row: int,
    terms: TermRows,
    segment: int,
    k: int,
    last: bool,
    floors: NDArray[np.float64],
    found: int,
    plan: Plan,
    room: Room,
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
) -> int:
    """Writes the best `k` documents of one query among the `found` ones of the segments before and this one's; returns their number.

    The segment begins at `position`. floors[row] is what a document must reach to be among the best so far.
    """
    n_terms = make_plan(lists, formula, queries, row, terms, segment, plan)
    silent = n_terms == 0 or plan.rest[0] < floors[row]
    if silent and not (last and found):
        return found
    bins, origin = room.bins, integer(np.float32(queries.limits[row]).view(np.int32) >> BIN_SHIFT) + 2 - BINS
    slack = 1 - 1e-6 - 3e-7 * (queries.offsets[row + 1] - queries.offsets[row])
    highest, least_bin = take_up(out_docs, out_scores, found, room, origin)
    size, above, lowest, threshold = integer(found), integer(found), ZERO, np.float64(0)
    base, end, narrow = ZERO, integer(0 if silent else len(lists.lengths)), integer(FIRST_WINDOW)
    while True:
        if above >= k:
            lowest = max(lowest, least_bin)
        while above - bins[lowest] >= k:
            above -= bins[lowest]
            lowest += 1
        threshold = np.float64(np.int32((lowest + origin) << BIN_SHIFT).view(np.float32)) * slack if lowest else np.float64(0)
        if base == end:
            break
        if base == 0 and threshold > 0:
            narrow = integer(WINDOW)
        stop = min(base + min(max(3 * base, narrow), WINDOW), end)
        passing = score_window(lists, formula, plan, n_terms, base, stop, threshold, room)
        if len(places.allowed):
            passing = keep_allowed(places.allowed[position + base : position + stop], room.passing, passing)
        for i in range(passing):
            local = room.passing[i]
            score = room.sums[local]
            place = bin_of(np.float32(score).view(np.int32), origin)
            counts = integer(place >= lowest)
            room.docs[size], room.scores[size] = position + base + local, score
            size += counts
            above += counts
            bins[place] += counts
            highest = max(highest, place)
            least_bin = min(least_bin, place)
        room.sums[: stop - base] = 0
        base = stop
    floors[row] = threshold
    rank, order = places.rank, places.order
    if last:
        lowest = max(lowest, least_bin)
        return best_first(room.docs, room.scores, size, k, bins, lowest, highest, origin, rank, order, out_docs, out_scores)
    return best_unsorted(room.docs, room.scores, size, k, bins, lowest, origin, rank, order, out_docs, out_scores)


@inner
def formula_at(rows: NDArray[np.int64], line: tuple[float, float], lift: float) -> Formula:
    """The formula of a segment by the addresses of its arrays: int64 (3, 3)."""
    return Formula(
        carray(pointer(rows[0, 0]), (rows[0, 1],), np.float32),
        carray(pointer(rows[1, 0]), (rows[1, 1],), np.uint16),
        carray(pointer(rows[2, 0]), (rows[2, 1],), np.float32),
        line,
        lift,
    )


@kernel
def search_segments(
    addresses: NDArray[np.int64],
    line: tuple[float, float],
    lift: float,
    places: Places,
    queries: Queries,
    terms: TermRows,
    k: int,
    out_docs: NDArray[np.int64],
    out_scores: NDArray[np.float32],
    found: NDArray[np.int64],
    pending: NDArray[np.bool_],
) -> None:
    """The best `k` documents of queries in all segments, one segment after another.

    Args:
        addresses: int64 (segments, arrays, 3) of each segment's postings and formula, in the order of `Lists` and `Formula`.
        line: see `Formula`.
        lift: see `Formula`.
        places: what settles ties, and what may be found.
        queries: n of them.
        terms: where each segment has the terms.
        k: 1 or more.
        out_docs: int64 (n, k) positions, written.
        out_scores: float32 (n, k), written.
        found: int64 (n,), written: how many of each row are filled.
        pending: bool (n,) which queries are asked; the others' rows are left as they are.
    """
    most, longest = ZERO, ZERO
    for segment in range(len(addresses)):
        most = max(most, addresses[segment, 0, 1])
    for row in range(len(found)):
        longest = max(longest, queries.offsets[row + 1] - queries.offsets[row])
    room = Room(
        np.zeros(WINDOW, np.float32),
        np.empty(WINDOW, np.int32),
        np.empty(WINDOW, np.uint8),
        np.empty(most + k + 1, np.int32),
        np.empty(most + k + 1, np.float32),
        np.empty(BINS, np.int32),
    )
    plan = Plan(
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.float32),
        np.empty(longest, np.float32),
        np.empty(longest, np.float64),
        np.empty(longest + 1, np.float64),
    )
    floors = np.zeros(len(found))
    for row in range(len(found)):
        if pending[row]:
            found[row] = 0
    position = ZERO
    for segment in range(len(addresses)):
        lists, last = lists_at(addresses[segment]), segment == len(addresses) - 1
        formula = formula_at(addresses[segment, len(lists) :], line, lift)
        for row in range(len(found)):
            if not pending[row]:
                continue
            docs, scores = out_docs[row], out_scores[row]
            found[row] = search_one(
                lists, formula, places, position, queries, row, terms, segment, k, last, floors, found[row], plan, room, docs, scores
            )
        position += len(lists.lengths)
