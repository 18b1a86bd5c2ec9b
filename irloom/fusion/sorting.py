"""Many short sorts: the entries of each query by themselves, as keys of 64 bits."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
"""A sort key is a number in the high half of 64 bits and a place below 2^32 in the low half."""


def best_places(scores: NDArray[np.float32], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (n,): the places 0 to n-1, reordered within each query by falling score, equal scores by rising place."""
    bits = (scores + np.float32(0)).view(np.uint32)  # -0.0 becomes 0.0
    falling = np.where(bits >> np.uint32(31), bits, ~bits & np.uint32(0x7FFFFFFF)).astype(np.uint64)
    keys = (falling << HALF) | np.arange(len(scores), dtype=np.uint64)
    sort_slices(keys, offsets)
    return (keys & LOW).view(np.int64)


def sort_slices(keys: NDArray[np.uint64], bounds: NDArray[np.int64]) -> None:
    """Sorts each slice of `keys` in place: many short sorts of plain integers are several times faster than one long argsort."""
    edges = bounds.tolist()
    for start, end in pairwise(edges):
        keys[start:end].sort()
