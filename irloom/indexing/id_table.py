"""Document ids by position and positions by id, memory-mapped: no Python object per document."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt, DuplicateDocument
from irloom.core.files import map_array, map_bytes, write_array
from irloom.indexing.strings import pack, read_only, readable, unpack


def write_ids(folder: Path, offsets: NDArray[np.int64]) -> None:
    """Completes a table whose ids.bytes is there: writes ids_offsets.npy, ids_order.npy and ids_rank.npy.

    Args:
        folder: of the table.
        offsets: int64 (n + 1,) where the ids begin in ids.bytes.

    Raises:
        DuplicateDocument: an id occurs twice.
    """
    from irloom.indexing.kernels.strings import first_repeated, sort_strings

    data, offsets = read_only(map_bytes(folder / "ids.bytes")), read_only(offsets)
    order = np.arange(len(offsets) - 1, dtype=np.int32)
    sort_strings(data, offsets, order)
    before, repeated = first_repeated(data, offsets, order)
    if repeated >= 0:
        (doc_id,) = unpack(data, offsets, np.array([repeated], np.int64))
        raise DuplicateDocument(doc_id, where=f"documents {before + 1} and {repeated + 1}")
    order = np.ascontiguousarray(order[::-1])
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order), dtype=np.int32)
    write_array(folder / "ids_offsets.npy", offsets)
    write_array(folder / "ids_order.npy", order)
    write_array(folder / "ids_rank.npy", rank)


class IdTable:
    """The ids of a segment.

    Attributes:
        data: uint8 (bytes,), and offsets: int64 (n + 1,): the ids one after another.
        order: int32 (n,), the positions by falling id.
        rank: int32 (n,), the place of each position's id when ids are sorted descending as UTF-8 bytes; the smaller one wins a tie.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ids.bytes"
        self.data: NDArray[np.uint8] = read_only(map_bytes(self._path))
        self.offsets: NDArray[np.int64] = read_only(map_array(folder / "ids_offsets.npy", dtype=np.int64))
        self.order: NDArray[np.int32] = read_only(map_array(folder / "ids_order.npy", dtype=np.int32))
        self.rank: NDArray[np.int32] = map_array(folder / "ids_rank.npy", dtype=np.int32)
        if not len(self.offsets) - 1 == len(self.order) == len(self.rank) or int(self.offsets[-1]) != len(self.data):
            raise Corrupt(self._path, "the tables of ids do not fit each other")

    def __len__(self) -> int:
        return len(self.rank)

    def checked_order(self) -> NDArray[np.int32]:
        """int32 (n,): the order, after a look at all of it.

        Raises:
            Corrupt: a place in it is none.
        """
        if len(self) and not 0 <= int(self.order.min()) <= int(self.order.max()) < len(self):
            raise Corrupt(self._path.with_name("ids_order.npy"), f"places from {self.order.min()} to {self.order.max()}, of {len(self)}")
        return self.order

    def ids(self, positions: NDArray[np.int64]) -> list[str]:
        """The ids at int64 (n,) positions.

        Raises:
            Corrupt: one cannot be read.
        """
        with readable(self._path):
            return unpack(self.data, self.offsets, positions)

    def positions(self, doc_ids: Sequence[str]) -> NDArray[np.int64]:
        """int64 (n,) positions of ids; -1 where an id is not there."""
        counts, same = self.bisect(*pack(doc_ids))
        found = np.full(len(counts), -1, np.int64)
        found[same] = self.order[counts[same]]
        return found

    def bisect(self, wanted: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """int32 (n,) how many ids here are greater than each wanted one, and bool (n,) whether it is here.

        Raises:
            Corrupt: the table is damaged.
        """
        from irloom.indexing.kernels.strings import count_before

        counts, same = np.empty(len(offsets) - 1, np.int32), np.empty(len(offsets) - 1, np.bool_)
        if not count_before(wanted, offsets, self.data, self.offsets, self.order, counts, same):
            raise Corrupt(self._path, "its order or its offsets lead outside of the table")
        return counts, same


def count_greater(table: IdTable, other: IdTable, *, equal: bool) -> NDArray[np.int64]:
    """How many ids of one table are greater than each of another's, by bisection: fast where `other` is the smaller one.

    Args:
        table: whose ids are counted.
        other: what they are compared with.
        equal: whether an id that is in both counts, too.

    Returns:
        int64 (len(other),) by position in `other`.
    """
    counts, same = table.bisect(other.data, other.offsets)
    return counts.astype(np.int64) + (same if equal else 0)
