"""Document ids by position and positions by id, memory-mapped: no Python object per document."""

import itertools
from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt, DuplicateDocument
from irloom.core.files import map_array, map_bytes, write_array, write_bytes


def write_ids(folder: Path, ids: Sequence[bytes]) -> None:
    """Writes ids.bytes, ids_offsets.npy, ids_order.npy and ids_rank.npy.

    Raises:
        DuplicateDocument: an id occurs twice.
    """
    order = sorted(range(len(ids)), key=ids.__getitem__, reverse=True)
    for left, right in itertools.pairwise(order):
        if ids[left] == ids[right]:
            raise DuplicateDocument(_text(ids[left]), where=f"documents {min(left, right) + 1} and {max(left, right) + 1}")
    positions = np.array(order, np.int32)
    rank = np.empty(len(ids), np.int32)
    rank[positions] = np.arange(len(ids), dtype=np.int32)
    offsets = array("q", [0])
    for doc_id in ids:
        offsets.append(offsets[-1] + len(doc_id))
    write_bytes(folder / "ids.bytes", b"".join(ids))
    write_array(folder / "ids_offsets.npy", np.array(offsets, np.int64))
    write_array(folder / "ids_order.npy", positions)
    write_array(folder / "ids_rank.npy", rank)


class IdTable:
    """The ids of a segment.

    Attributes:
        rank: int32 (n,), the place of each position's id when ids are sorted descending as UTF-8 bytes; the smaller one wins a tie.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self._bytes = map_bytes(folder / "ids.bytes")
        self._offsets = map_array(folder / "ids_offsets.npy", dtype=np.int64)
        self._order = map_array(folder / "ids_order.npy", dtype=np.int32)
        self.rank: NDArray[np.int32] = map_array(folder / "ids_rank.npy", dtype=np.int32)
        if not len(self._offsets) - 1 == len(self._order) == len(self.rank) or int(self._offsets[-1]) != len(self._bytes):
            raise Corrupt(folder / "ids.bytes", "the tables of ids do not fit each other")

    def __len__(self) -> int:
        return len(self.rank)

    def _id(self, position: int) -> bytes:
        return self._bytes[self._offsets[position] : self._offsets[position + 1]].tobytes()

    def ids(self, positions: NDArray[np.int64]) -> list[str]:
        """The ids at int64 (n,) positions."""
        starts, ends = self._offsets[positions].tolist(), self._offsets[np.asarray(positions) + 1].tolist()
        return [_text(self._bytes[start:end].tobytes()) for start, end in zip(starts, ends, strict=True)]

    def positions(self, doc_ids: Sequence[str]) -> NDArray[np.int64]:
        """int64 (n,) positions of ids; -1 where an id is not there."""
        return np.array([self._find(doc_id.encode("utf-8", "surrogatepass")) for doc_id in doc_ids], np.int64)

    def _find(self, wanted: bytes) -> int:
        low, high = 0, len(self._order)
        while low < high:
            middle = (low + high) // 2
            if self._id(int(self._order[middle])) > wanted:
                low = middle + 1
            else:
                high = middle
        if low < len(self._order):
            position = int(self._order[low])
            if self._id(position) == wanted:
                return position
        return -1


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
