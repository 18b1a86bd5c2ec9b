"""Windows over a list that does not fit one prompt, from its end to its beginning."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


def window_order(n: int, *, size: int, stride: int, score: Callable[[Sequence[int]], NDArray[np.float32]]) -> tuple[list[int], int]:
    """The order of n documents when windows of `size` are sorted one after the other, the last ones first.

    Args:
        n: documents, 0 or more.
        size: documents in a window.
        stride: by how many places the next window stands nearer to the beginning, 1 to `size`.
        score: places in the order given to float32 (m,) scores; called with one window at a time, best first so far.

    Returns:
        The places, best first, and how many windows there were. Equal scores keep the order that the window came in.

    >>> seen = []
    >>> window_order(25, size=20, stride=10, score=lambda window: seen.append(len(window)) or np.zeros(len(window), np.float32))[1]
    2
    >>> seen
    [20, 15]
    """
    order, end, windows = list(range(n)), n, 0
    while True:
        start = max(0, end - size)
        window = order[start:end]
        best = np.argsort(-score(window), kind="stable")
        order[start:end] = [window[place] for place in best.tolist()]
        windows += 1
        if start == 0:
            return order, windows
        end -= stride


def most_that_fit(lengths: Sequence[int], room: int) -> int:
    """How many documents fit into `room` tokens whichever they are: the longest ones are reckoned with.

    >>> most_that_fit([5, 1, 3], 8)
    2
    """
    total = np.cumsum(sorted(lengths, reverse=True))
    return int(np.searchsorted(total, room, side="right"))


def longest_that_fits(lengths: Sequence[int], room: int) -> int:
    """The most tokens that a document may have for all to fit into `room` tokens, 0 or more.

    >>> longest_that_fits([2, 100, 3], 15)
    10
    """
    ordered = np.sort(np.asarray(lengths, np.int64))
    before = np.concatenate([[0], np.cumsum(ordered)[:-1]])
    shares = (room - before) // np.arange(len(ordered), 0, -1)  # what each of those from here on may have
    fits = np.flatnonzero(shares < ordered)
    return max(0, int(shares[fits[0]])) if len(fits) else int(ordered[-1])
