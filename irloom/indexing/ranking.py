"""Ranks over segments: the order of all ids of a grown collection, reckoned from the segments' own orders."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.id_table import IdTable, count_greater


def joined_ranks(tables: Sequence[IdTable], *, known: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
    """int32 (total,): the rank of every position's id among those of all tables, sorted descending as UTF-8 bytes.

    Of equal ids (one is deleted then) the one of the later table comes first. An id's rank is its rank in its own table and the
    number of ids before it in each other table; of a pair of tables one is looked up in the other, and turned round by counting.

    Args:
        tables: the segments' ids, in order.
        known: int32 (n,), the ranks among the first tables, which have n ids together: only the others are looked up then.
    """
    ends = np.cumsum([len(table) for table in tables])
    first = 0 if known is None else int(np.searchsorted(ends, len(known))) + 1
    ranks = [np.array(table.rank) for table in tables]
    if known is not None:
        ranks[:first] = np.split(known.astype(np.int32), ends[: first - 1])
    for later in range(first, len(tables)):
        for earlier in range(later):
            few, many = (later, earlier) if len(tables[later]) <= len(tables[earlier]) else (earlier, later)
            before = count_greater(tables[many], tables[few], equal=few < many)
            ranks[few] += before.astype(np.int32)
            ranks[many] += _turned(before, len(tables[many]))[tables[many].rank]
    return np.concatenate(ranks) if ranks else np.empty(0, np.int32)


def _turned(before: NDArray[np.int64], size: int) -> NDArray[np.int32]:
    """int32 (size,): for each rank of a table how many of the other's ids come before it, from how many of its ids come before those."""
    return np.cumsum(np.bincount(before, minlength=size + 1)[:size], dtype=np.int32)
