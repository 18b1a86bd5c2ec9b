"""The vocabulary's hash table: open addressing over FNV-1a of a term's UTF-8 bytes."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel


@kernel
def _hash(data: NDArray[np.uint8], start: int, end: int) -> np.uint64:
    value = np.uint64(14695981039346656037)
    for place in range(start, end):
        value = (value ^ np.uint64(data[place])) * np.uint64(1099511628211)
    return value ^ (value >> np.uint64(29))


@kernel
def fill_slots(data: NDArray[np.uint8], offsets: NDArray[np.int64], slots: NDArray[np.int32]) -> None:
    """Enters the terms data[offsets[i]:offsets[i+1]] into int32 (a power of two,) `slots`, which hold -1."""
    mask = np.uint64(len(slots) - 1)
    for term in range(len(offsets) - 1):
        slot = _hash(data, offsets[term], offsets[term + 1]) & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = term


@kernel
def find_terms(
    wanted: NDArray[np.uint8],
    wanted_offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    slots: NDArray[np.int32],
    found: NDArray[np.int32],
) -> None:
    """Writes the number of each wanted term into int32 (terms,) `found`; -1 where the vocabulary lacks it."""
    mask = np.uint64(len(slots) - 1)
    for row in range(len(wanted_offsets) - 1):
        start, end = wanted_offsets[row], wanted_offsets[row + 1]
        slot = _hash(wanted, start, end) & mask
        found[row] = -1
        while slots[slot] >= 0:
            term = slots[slot]
            first = offsets[term]
            if offsets[term + 1] - first == end - start:
                same = 0
                while same < end - start and data[first + same] == wanted[start + same]:
                    same += 1
                if same == end - start:
                    found[row] = term
                    break
            slot = (slot + np.uint64(1)) & mask
