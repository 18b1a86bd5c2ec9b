"""Bounds of postings as few pairs of (tf, length): the Pareto front, thinned until it fits."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.layout import PAIRS

TOP_TF = 255
TOP_LENGTH = 65_535


@kernel
def write_bound(
    tfs: NDArray[np.int32], lengths: NDArray[np.int32], average: float, pair_tfs: NDArray[np.uint8], pair_lengths: NDArray[np.uint16]
) -> None:
    """Writes the bound of some postings: up to four pairs, tf rising, the rest 0.

    The front holds, for each tf, the least length among postings of that tf or a higher one, where it is less than
    the next higher tf's. While there are too many pairs, the pair is merged into the next higher one (its tf, the
    lesser length) whose bound that raises least under the usual k1 0.9, b 0.4; any choice leaves a bound.

    Args:
        tfs: int32 (postings,).
        lengths: int32 (postings,) of their documents.
        average: the average length now.
        pair_tfs: uint8 (4,), written.
        pair_lengths: uint16 (4,), written.
    """
    shortest = np.full(TOP_TF + 1, TOP_LENGTH + 1, np.int32)
    for i in range(len(tfs)):
        tf = min(tfs[i], TOP_TF)
        shortest[tf] = min(shortest[tf], lengths[i], TOP_LENGTH)
    front_tfs, front_lengths = np.empty(TOP_TF + 1, np.int32), np.empty(TOP_TF + 1, np.int32)
    size = 0  # tf falling, length falling
    for tf in range(TOP_TF, 0, -1):
        if shortest[tf] <= TOP_LENGTH and (size == 0 or shortest[tf] < front_lengths[size - 1]):
            front_tfs[size], front_lengths[size] = tf, shortest[tf]
            size += 1
    while size > PAIRS:
        best, cost = 1, 2.0
        for i in range(1, size):
            norm = 0.54 + 0.36 * front_lengths[i] / average
            before = max(
                front_tfs[i] / (front_tfs[i] + norm),
                front_tfs[i - 1] / (front_tfs[i - 1] + 0.54 + 0.36 * front_lengths[i - 1] / average),
            )
            raised = front_tfs[i - 1] / (front_tfs[i - 1] + norm) - before
            if raised < cost:
                best, cost = i, raised
        front_lengths[best - 1] = front_lengths[best]
        for i in range(best, size - 1):
            front_tfs[i], front_lengths[i] = front_tfs[i + 1], front_lengths[i + 1]
        size -= 1
    pair_tfs[:], pair_lengths[:] = 0, 0
    for i in range(size):
        pair_tfs[i], pair_lengths[i] = front_tfs[size - 1 - i], front_lengths[size - 1 - i]
