"""Strings as bytes: sorted, counted, found and copied without an object each. String i is data[offsets[i]:offsets[i+1]]."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.sorting import SMALL, sort_pairs

STEP = 7
"""Bytes of a string that a key holds; its last byte says how many there are, so that a string comes before one that goes on after it."""


@inner
def key_at(data: NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """The next seven bytes of data[start:end] and how many are left, 8 for more: keys are in the order of the strings."""
    key = np.uint64(0)
    for place in range(start, start + STEP):
        key <<= np.uint64(8)
        if place < end:
            key |= np.uint64(data[place])
    return (key << np.uint64(8)) | np.uint64(min(end - start, STEP + 1))


@inner
def compare(a: NDArray[np.uint8], start: int, end: int, b: NDArray[np.uint8], first: int, last: int) -> int:
    """Below, at or above 0 as the bytes a[start:end] come before, equal or come after b[first:last]."""
    for i in range(min(end - start, last - first)):
        if a[start + i] != b[first + i]:
            return integer(a[start + i]) - integer(b[first + i])
    return (end - start) - (last - first)


@inner
def _sort_few(data: NDArray[np.uint8], offsets: NDArray[np.int64], order: NDArray[np.int32], start: int, end: int, depth: int) -> None:
    """Sorts order[start:end] by insertion, of strings that are equal in their first `depth` bytes."""
    for i in range(start + 1, end):
        own = order[i]
        low, high = offsets[own] + depth, offsets[own + 1]
        j = i - 1
        while j >= start and compare(data, offsets[order[j]] + depth, offsets[order[j] + 1], data, low, high) > 0:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = own


@kernel
def sort_strings(data: NDArray[np.uint8], offsets: NDArray[np.int64], order: NDArray[np.int32]) -> None:
    """Sorts int32 (n,) `order`, which holds places, by their strings, rising as bytes.

    Stretches are sorted by the next seven bytes; those in which these are equal wait on a stack, or are sorted by
    insertion where they are short.

    Paper: Bentley and Sedgewick, "Fast algorithms for sorting and searching strings", 1997 (multikey quicksort).
    """
    keys = np.empty(len(order), np.uint64)
    stack = np.empty((len(order) // SMALL + 2, 3), np.int64)
    stack[0] = 0, len(order), 0
    top = 1
    while top:
        top -= 1
        start, end, depth = stack[top]
        if end - start <= SMALL:
            _sort_few(data, offsets, order, start, end, depth)
            continue
        for i in range(start, end):
            keys[i] = key_at(data, offsets[order[i]] + depth, offsets[order[i] + 1])
        sort_pairs(keys, order, start, end)
        first = start
        for i in range(start + 1, end + 1):
            if i == end or keys[i] != keys[first]:
                if i - first > 1 and integer(keys[first] & np.uint64(255)) > STEP:
                    if i - first <= SMALL:
                        _sort_few(data, offsets, order, first, i, depth + STEP)
                    else:
                        stack[top] = first, i, depth + STEP
                        top += 1
                first = i


@kernel
def first_repeated(data: NDArray[np.uint8], offsets: NDArray[np.int64], order: NDArray[np.int32]) -> tuple[int, int]:
    """The first string that stands twice: where it stands first, and where again; (-1, -1) where all differ."""
    before, repeated = -1, -1
    least, second = integer(0), integer(0)
    for i in range(len(order)):
        own = integer(order[i])
        if i == 0 or compare(data, offsets[order[i - 1]], offsets[order[i - 1] + 1], data, offsets[own], offsets[own + 1]) != 0:
            least, second = own, integer(len(order))
        elif own < least:
            least, second = own, least
        else:
            second = min(second, own)
        if second < len(order) and (repeated < 0 or second < repeated):
            before, repeated = least, second
    return before, repeated


@inner
def _is_within(data: NDArray[np.uint8], offsets: NDArray[np.int64], position: int) -> bool:
    """Whether a place is one of the table's, and its string lies within the bytes."""
    return 0 <= position < len(offsets) - 1 and 0 <= offsets[position] <= offsets[position + 1] <= len(data)


@kernel
def count_before(
    wanted: NDArray[np.uint8],
    wanted_offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    order: NDArray[np.int32],
    counts: NDArray[np.int32],
    same: NDArray[np.bool_],
) -> bool:
    """How many strings of a table are greater than each wanted one, by bisection; False where the table is damaged.

    Args:
        wanted: uint8, the wanted strings.
        wanted_offsets: int64 (n + 1,).
        data: uint8, the table's strings.
        offsets: int64 (m + 1,).
        order: int32 (m,), its places by falling string.
        counts: int32 (n,), written.
        same: bool (n,), written: whether the string at that place of the order is the wanted one.
    """
    for row in range(len(counts)):
        start, end = wanted_offsets[row], wanted_offsets[row + 1]
        low, high = integer(0), integer(len(order))
        while low < high:
            middle = (low + high) >> 1
            position = order[middle]
            if not _is_within(data, offsets, position):
                return False
            if compare(data, offsets[position], offsets[position + 1], wanted, start, end) > 0:
                low = middle + 1
            else:
                high = middle
        counts[row], same[row] = low, False
        if low < len(order):
            position = order[low]
            if not _is_within(data, offsets, position):
                return False
            same[row] = compare(data, offsets[position], offsets[position + 1], wanted, start, end) == 0
    return True


@kernel
def gather_bytes(data: NDArray[np.uint8], offsets: NDArray[np.int64], places: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """Copies the strings at int64 (n,) places one after another into `out`."""
    end = integer(0)
    for place in places:
        start, size = offsets[place], offsets[place + 1] - offsets[place]
        out[end : end + size] = data[start : start + size]
        end += size
