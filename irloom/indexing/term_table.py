"""The vocabulary on disk: terms as bytes, found through a hash table; no Python object per term."""

from collections.abc import Sequence
from itertools import islice, repeat
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import map_array, map_bytes, write_array, write_bytes
from irloom.indexing.kernels.terms import fill_slots, find_terms

KNOWN = 1 << 17
"""Terms whose numbers are remembered, so that a word of many queries is looked up once."""
_UNSEEN = -2

Scalar = TypeVar("Scalar", bound=np.generic)


def write_vocabulary(folder: Path, terms: Sequence[bytes]) -> None:
    """Writes terms.bytes, terms_offsets.npy and terms_slots.npy; a term's number is its place."""
    data = b"".join(terms)
    offsets = np.zeros(len(terms) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, terms), np.int64, len(terms)), out=offsets[1:])
    slots = np.full(1 << (2 * len(terms)).bit_length(), -1, np.int32)
    fill_slots(_read_only(np.frombuffer(data, np.uint8)), _read_only(offsets), slots)
    write_bytes(folder / "terms.bytes", data)
    write_array(folder / "terms_offsets.npy", offsets)
    write_array(folder / "terms_slots.npy", slots)


class TermTable:
    """The terms of a segment, memory-mapped.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self._known: dict[str, int] = {}
        self._data = _read_only(map_bytes(folder / "terms.bytes"))
        self._offsets = _read_only(map_array(folder / "terms_offsets.npy", dtype=np.int64))
        self._slots = _read_only(map_array(folder / "terms_slots.npy", dtype=np.int32))
        fits = len(self._offsets) > 0 and len(self._slots) > len(self) and len(self._slots).bit_count() == 1
        if not fits or int(self._offsets[-1]) != len(self._data):
            raise Corrupt(folder / "terms.bytes", "the tables of terms do not fit each other")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def find(self, terms: Sequence[str]) -> NDArray[np.int32]:
        """int32 (terms,): the number of each term; -1 where it is unknown."""
        known = self._known
        found = np.fromiter(map(known.get, terms, repeat(_UNSEEN)), np.int32, len(terms))
        unseen = np.flatnonzero(found == _UNSEEN)
        if len(unseen):
            new = [terms[place] for place in unseen.tolist()]
            found[unseen] = numbers = self._look_up(new)
            if len(known) + len(new) > KNOWN:
                self._known = known = {}
            known.update(islice(zip(new, numbers.tolist(), strict=True), KNOWN))
        return found

    def _look_up(self, terms: Sequence[str]) -> NDArray[np.int32]:
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
        found = np.empty(len(encoded), np.int32)
        wanted = np.frombuffer(b"".join(encoded), np.uint8)
        find_terms(wanted, _read_only(offsets), self._data, self._offsets, self._slots, found)
        return found

    def terms(self, numbers: NDArray[np.int32]) -> list[str]:
        """The terms of int32 (n,) numbers."""
        starts, ends = self._offsets[numbers].tolist(), self._offsets[np.asarray(numbers) + 1].tolist()
        return [self._data[start:end].tobytes().decode("utf-8", "surrogatepass") for start, end in zip(starts, ends, strict=True)]


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The array as kernels know it: one type for what is mapped and what is not, so that they are compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view
