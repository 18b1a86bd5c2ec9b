"""The vocabulary's hash table: open addressing over FNV-1a of a term's UTF-8 bytes."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import inner, integer, kernel

BASIS = np.uint64(14695981039346656037)
PRIME = np.uint64(1099511628211)


@inner
def finish(value: np.uint64) -> np.uint64:
    """Spreads the upper bits of a hash to the lower ones."""
    return value ^ (value >> np.uint64(29))


@inner
def _hash(data: NDArray[np.uint8], start: int, end: int) -> np.uint64:
    value = BASIS
    for place in range(start, end):
        value = (value ^ np.uint64(data[place])) * PRIME
    return finish(value)


@inner
def find_slot(
    wanted: NDArray[np.uint8],
    start: int,
    end: int,
    value: np.uint64,
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    slots: NDArray[np.int32],
) -> int:
    """The slot of wanted[start:end], whose hash is `value`: it holds its number, or -1 where the table lacks it."""
    mask = np.uint64(len(slots) - 1)
    slot = value & mask
    for _ in range(len(slots)):  # a damaged table may have no free one
        if slots[slot] < 0:
            break
        number = min(integer(slots[slot]), len(offsets) - 2)
        first = offsets[number]
        if offsets[number + 1] - first == end - start and 0 <= first <= len(data) - (end - start):
            same = 0
            while same < end - start and data[first + same] == wanted[start + same]:
                same += 1
            if same == end - start:
                break
        slot = (slot + np.uint64(1)) & mask
    return integer(slot)


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
    for row in range(len(wanted_offsets) - 1):
        start, end = wanted_offsets[row], wanted_offsets[row + 1]
        found[row] = slots[find_slot(wanted, start, end, _hash(wanted, start, end), data, offsets, slots)]


@kernel
def enter_terms(
    new: NDArray[np.uint8],
    new_offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    slots: NDArray[np.int32],
    size: int,
    found: NDArray[np.int32],
) -> int:
    """Enters terms into a growing table, those that it lacks at its end, and returns how many it has then.

    Args:
        new: uint8, the terms to enter.
        new_offsets: int64 (n + 1,).
        data: uint8, the table's terms, with room for all of the new ones.
        offsets: int64, with room too.
        slots: int32 (a power of two,), with room too.
        size: how many terms the table has.
        found: int32 (n,), written: the number of each term.
    """
    for row in range(len(found)):
        start, end = new_offsets[row], new_offsets[row + 1]
        slot = find_slot(new, start, end, _hash(new, start, end), data, offsets, slots)
        if slots[slot] < 0:
            slots[slot] = size
            first = offsets[size]
            data[first : first + end - start] = new[start:end]
            offsets[size + 1] = first + end - start
            size += 1
        found[row] = slots[slot]
    return size
