"""A table of distinct strings that grows: each has the number of its entry. Bytes and offsets, no Python object each."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.terms import enter_terms, fill_slots


class StringTable:
    """Distinct strings, numbered as they come.

    Attributes:
        size: how many there are.
        data: uint8, the strings one after another, and room.
        offsets: int64, where they begin, and room.
        slots: int32 (a power of two,): their hash table, filled by half at most.
    """

    def __init__(self) -> None:
        self.size = 0
        self.data = np.empty(0, np.uint8)
        self.offsets = np.zeros(1, np.int64)
        self.slots = np.full(2, -1, np.int32)

    def __len__(self) -> int:
        return self.size

    @property
    def bytes(self) -> int:
        """How many bytes the strings have."""
        return int(self.offsets[self.size])

    def reserve(self, strings: int, size: int) -> None:
        """Makes room for so many more strings of so many bytes together."""
        if len(self.data) < self.bytes + size:
            self.data = np.concatenate([self.data[: self.bytes], np.empty(self.bytes + 2 * size, np.uint8)])
        if len(self.offsets) <= self.size + strings:
            self.offsets = np.concatenate([self.offsets[: self.size + 1], np.empty(self.size + 2 * strings, np.int64)])
        if len(self.slots) < 2 * (self.size + strings):
            self.slots = np.full(1 << (2 * (self.size + strings)).bit_length(), -1, np.int32)
            fill_slots(self.data[: self.bytes], self.offsets[: self.size + 1], self.slots)

    def enter(self, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int32]:
        """int32 (n,): the numbers of strings data[offsets[i]:offsets[i+1]], which are entered where they are new."""
        self.reserve(len(offsets) - 1, int(offsets[-1] - offsets[0]))
        found = np.empty(len(offsets) - 1, np.int32)
        self.size = enter_terms(data, offsets, self.data, self.offsets, self.slots, self.size, found)
        return found
