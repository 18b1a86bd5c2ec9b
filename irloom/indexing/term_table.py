"""The vocabulary on disk: terms as bytes, found through a hash table; no Python object per term."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import map_array, map_bytes, write_array, write_bytes
from irloom.indexing.kernels.terms import fill_slots, find_terms
from irloom.indexing.strings import pack, read_only, readable, unpack


def write_vocabulary(folder: Path, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
    """Writes terms.bytes, terms_offsets.npy and terms_slots.npy; a term's number is its place.

    Args:
        folder: where the files go.
        data: uint8, the terms one after another.
        offsets: int64 (terms + 1,) where they begin.
    """
    slots = empty_slots(len(offsets) - 1)
    fill_slots(read_only(data), read_only(offsets), slots)
    write_bytes(folder / "terms.bytes", data.tobytes())
    write_array(folder / "terms_offsets.npy", offsets)
    write_array(folder / "terms_slots.npy", slots)


def empty_slots(terms: int) -> NDArray[np.int32]:
    """int32 (a power of two,) of -1: a hash table that so many terms fill by half at most."""
    return np.full(1 << (2 * terms).bit_length(), -1, np.int32)


class TermTable:
    """The terms of a segment, memory-mapped.

    Attributes:
        data: uint8 (bytes,), and offsets: int64 (terms + 1,): the terms one after another.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "terms.bytes"
        self.data: NDArray[np.uint8] = read_only(map_bytes(self._path))
        self.offsets: NDArray[np.int64] = read_only(map_array(folder / "terms_offsets.npy", dtype=np.int64))
        self._slots = read_only(map_array(folder / "terms_slots.npy", dtype=np.int32))
        fits = len(self.offsets) > 0 and len(self._slots) > len(self) and len(self._slots).bit_count() == 1
        if not fits or int(self.offsets[-1]) != len(self.data):
            raise Corrupt(self._path, "the tables of terms do not fit each other")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def find(self, terms: Sequence[str]) -> NDArray[np.int32]:
        """int32 (terms,): the number of each term; -1 where it is unknown."""
        return self.find_packed(*pack(terms))

    def find_packed(self, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int32]:
        """int32 (n,): the number of each term of `strings.pack`; -1 where it is unknown.

        Raises:
            Corrupt: the table is damaged.
        """
        found = np.empty(len(offsets) - 1, np.int32)
        find_terms(data, offsets, self.data, self.offsets, self._slots, found)
        if len(found) and int(found.max()) >= len(self):
            raise Corrupt(self._path.with_name("terms_slots.npy"), f"it leads to term {found.max()}, of {len(self)}")
        return found

    def terms(self, numbers: NDArray[np.int32]) -> list[str]:
        """The terms of int32 (n,) numbers.

        Raises:
            Corrupt: one cannot be read.
        """
        with readable(self._path):
            return unpack(self.data, self.offsets, numbers)
