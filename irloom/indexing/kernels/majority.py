"""Majority sorting: items ordered by who beats whom in most of several rankings."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import inline, kernel


@kernel
def sort_by_majority(ranks: NDArray[np.int32], offsets: NDArray[np.int64], order: NDArray[np.int64]) -> None:
    """Sorts each slice of `order` by merging, so that each item wins against the next one.

    An item wins against another where more rankings put it above than below. Where as many do, the one that stood first in
    `order` wins, so the result is the same for the same input; where majorities go in a circle, it is one of several.

    Args:
        ranks: int32 (items, rankings), the smaller the better, equal where a ranking does not say.
        offsets: int64 (slices+1,), slice i is order[offsets[i]:offsets[i+1]].
        order: int64 (items,), the items in the order that settles ties; written.
    """
    source, target = order.copy(), order.copy()
    before = np.empty(len(order), np.int64)
    for place in range(len(order)):
        before[order[place]] = place
    for slice_ in range(len(offsets) - 1):
        start, end = offsets[slice_], offsets[slice_ + 1]
        width = 1
        while width < end - start:
            for left in range(start, end, 2 * width):
                middle, right = min(left + width, end), min(left + 2 * width, end)
                i, j = left, middle
                for place in range(left, right):
                    if j >= right or (i < middle and _wins(ranks, before, source[i], source[j])):
                        target[place] = source[i]
                        i += 1
                    else:
                        target[place] = source[j]
                        j += 1
            source[start:end] = target[start:end]
            width *= 2
    order[:] = source


@inline
def _wins(ranks: NDArray[np.int32], before: NDArray[np.int64], one: int, other: int) -> bool:
    votes = 0
    for ranking in range(ranks.shape[1]):
        votes += int(ranks[one, ranking] < ranks[other, ranking]) - int(ranks[one, ranking] > ranks[other, ranking])
    return votes > 0 or (votes == 0 and before[one] < before[other])
