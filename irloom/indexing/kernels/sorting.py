"""Sorting of 64-bit keys, whole, with a value each, or only as far as it is asked for."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel

SMALL = 24
"""Stretches up to this length are sorted by insertion."""


@kernel
def sort_near(keys: NDArray[np.uint64], start: int, end: int) -> None:
    """Sorts keys[start:end] by insertion: for few keys, or keys that are near their places."""
    for i in range(start + 1, end):
        key = keys[i]
        j = i - 1
        while j >= start and keys[j] > key:
            keys[j + 1] = keys[j]
            j -= 1
        keys[j + 1] = key


@kernel
def sort_first(keys: NDArray[np.uint64], start: int, end: int, wanted: int) -> None:
    """Brings the `wanted` smallest of keys[start:end] to its beginning, in rising order; the others follow in any order.

    Quicksort that leaves alone what lies wholly behind the wanted ones. The shorter side is sorted first, so that a
    stack of 64 stretches does.
    """
    if end - start <= SMALL:
        sort_near(keys, start, end)
        return
    stack = np.empty(128, np.int64)
    top = 0
    low, high, limit = start, end, start + wanted
    while True:
        while high - low > SMALL and low < limit:
            a, b, c = keys[low], keys[(low + high) >> 1], keys[high - 1]
            pivot = max(min(a, b), min(max(a, b), c))
            i, j = low, high - 1
            while i <= j:
                while keys[i] < pivot:
                    i += 1
                while keys[j] > pivot:
                    j -= 1
                if i <= j:
                    keys[i], keys[j] = keys[j], keys[i]
                    i += 1
                    j -= 1
            if j + 1 - low < high - i:
                stack[top], stack[top + 1] = i, high
                high = j + 1
            else:
                stack[top], stack[top + 1] = low, j + 1
                low = i
            top += 2
        if low < limit:
            sort_near(keys, low, high)
        if top == 0:
            return
        top -= 2
        low, high = stack[top], stack[top + 1]


@kernel
def sort_pairs(keys: NDArray[np.uint64], values: NDArray[np.int32], start: int, end: int) -> None:
    """Sorts keys[start:end], and int32 values[start:end] along with them; values of equal keys come in any order."""
    stack = np.empty(128, np.int64)
    top = 0
    low, high = start, end
    while True:
        while high - low > SMALL:
            a, b, c = keys[low], keys[(low + high) >> 1], keys[high - 1]
            pivot = max(min(a, b), min(max(a, b), c))
            i, j = low, high - 1
            while i <= j:
                while keys[i] < pivot:
                    i += 1
                while keys[j] > pivot:
                    j -= 1
                if i <= j:
                    keys[i], keys[j] = keys[j], keys[i]
                    values[i], values[j] = values[j], values[i]
                    i += 1
                    j -= 1
            if j + 1 - low < high - i:
                stack[top], stack[top + 1] = i, high
                high = j + 1
            else:
                stack[top], stack[top + 1] = low, j + 1
                low = i
            top += 2
        for i in range(low + 1, high):
            key, value = keys[i], values[i]
            j = i - 1
            while j >= low and keys[j] > key:
                keys[j + 1], values[j + 1] = keys[j], values[j]
                j -= 1
            keys[j + 1], values[j + 1] = key, value
        if top == 0:
            return
        top -= 2
        low, high = stack[top], stack[top + 1]
