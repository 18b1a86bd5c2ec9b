"""The terms of queries in the one order in which every segment adds them, so that a score has the same bits wherever its document lies."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.sorting import sort_first

ZERO = integer(0)
"""A start that numba does not take for a constant, of which it would compile a version of its own."""
UPPER, LOWER, HIGHEST = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(0x7FFFFFFF)


class TermRows(NamedTuple):
    """Terms that have been looked up, one a row. Rows are added in place, and what is in a row never changes.

    Attributes:
        df: int64 (rows,) in how many documents that are not deleted each term occurs.
        hashes: uint32 (rows,) CRC-32 of each term.
        numbers: int32 (rows, segments) the number of each term in each segment, -1 where the segment has no such term.
        firsts: uint32 (rows, segments) the first posting of its list there.
        sizes: int32 (rows, segments) how many postings the list has.
    """

    df: NDArray[np.int64]
    hashes: NDArray[np.uint32]
    numbers: NDArray[np.int32]
    firsts: NDArray[np.uint32]
    sizes: NDArray[np.int32]


class Queries(NamedTuple):
    """The distinct terms of queries, each query's by falling weight.

    Attributes:
        offsets: int64 (queries + 1,) where each query's terms begin.
        rows: int32 (terms,) the row of each term.
        weights: float32 (terms,) what a saturation is multiplied with.
        extras: float32 (terms,) what each document that has the term gets besides.
        limits: float32 (queries,) what no score exceeds, but for rounding.
    """

    offsets: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    extras: NDArray[np.float32]
    limits: NDArray[np.float32]


def part_of(queries: Queries, start: int, stop: int) -> Queries:
    """The queries from `start` on, before `stop`."""
    return queries._replace(offsets=queries.offsets[start : stop + 1], limits=queries.limits[start:stop])


@inner
def count_rows(
    wanted: NDArray[np.int32], hashes: NDArray[np.uint32], keys: NDArray[np.uint64], rows: NDArray[np.int32], counts: NDArray[np.int64]
) -> int:
    """Writes the distinct wanted rows by their terms' hashes, and how often each is wanted; returns how many there are."""
    size = integer(len(wanted))
    for i in range(size):
        keys[i] = (np.uint64(hashes[wanted[i]]) << UPPER) | np.uint64(wanted[i])
    sort_first(keys, ZERO, size, size)
    count = ZERO
    for i in range(size):
        if i == 0 or keys[i] != keys[i - 1]:
            rows[count], counts[count] = np.int32(keys[i] & LOWER), 0
            count += 1
        counts[count - 1] += 1
    return count


@kernel
def order_terms(
    wanted: NDArray[np.int32], offsets: NDArray[np.int64], hashes: NDArray[np.uint32], idf: NDArray[np.float64], gain: float, bonus: float
) -> Queries:
    """The distinct terms of each query by falling weight, equal ones by the hash of the term; terms without weight are left out.

    Args:
        wanted: int32 (tokens,) the row of each token of the queries in `TermRows`.
        offsets: int64 (queries + 1,) where each query's tokens begin.
        hashes: uint32 (rows,) of the terms.
        idf: float64 (rows,), 0 where no document has the term; read where a token is of that row.
        gain: what count * idf is multiplied with for the weight.
        bonus: what count * idf is multiplied with for the extra.
    """
    n_queries, n_tokens = len(offsets) - 1, len(wanted)
    rows, weights, extras = np.empty(n_tokens, np.int32), np.empty(n_tokens, np.float32), np.empty(n_tokens, np.float32)
    starts, limits = np.zeros(n_queries + 1, np.int64), np.zeros(n_queries, np.float32)
    longest = ZERO
    for query in range(n_queries):
        longest = max(longest, offsets[query + 1] - offsets[query])
    keys, distinct, counts = np.empty(longest, np.uint64), np.empty(longest, np.int32), np.empty(longest, np.int64)
    falling = np.empty(1, np.float32)
    size = ZERO
    for query in range(n_queries):
        known = ZERO
        for i in range(count_rows(wanted[offsets[query] : offsets[query + 1]], hashes, keys, distinct, counts)):
            falling[0] = counts[i] * idf[distinct[i]]
            if falling[0] > 0:
                keys[known] = ((HIGHEST - np.uint64(falling.view(np.uint32)[0])) << UPPER) | np.uint64(i)
                known += 1
        sort_first(keys, ZERO, known, known)
        for i in range(known):
            place = keys[i] & LOWER
            weight = counts[place] * idf[distinct[place]]
            rows[size], weights[size], extras[size] = distinct[place], weight * gain, weight * bonus
            limits[query] += weights[size] + extras[size]
            size += 1
        starts[query + 1] = size
    return Queries(starts, rows[:size], weights[:size], extras[:size], limits)
