"""Ranks over segments: the order of all ids of a grown collection, reckoned from the segments' own orders."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.id_table import IdTable, count_greater


def joined_ranks(tables: Sequence[IdTable]) -> NDArray[np.int32]:
    """int32 (total,): the rank of every position's id among those of all tables, sorted descending as UTF-8 bytes.

    Of equal ids (one is deleted then) the one of the later table comes first. An id's rank is its rank in its own table and the
    number of ids before it in each other table; of a pair of tables one is looked up in the other, and turned round by counting.
    """
    if len(tables) == 1:
        return tables[0].rank
    ranks = [np.array(table.rank) for table in tables]
    for later in range(len(tables)):
        for earlier in range(later):
            few, many = (later, earlier) if len(tables[later]) <= len(tables[earlier]) else (earlier, later)
            before = count_greater(tables[many], tables[few], equal=few < many)
            ranks[few] += before
            ranks[many] += _turned(before, len(tables[many]))[tables[many].rank]
    return np.concatenate(ranks) if ranks else np.empty(0, np.int32)


def _turned(before: NDArray[np.int64], size: int) -> NDArray[np.int32]:
    """int32 (size,): for each rank of a table how many of the other's ids come before it, from how many of its ids come before those."""
    return np.cumsum(np.bincount(before, minlength=size + 1)[:size], dtype=np.int32)
