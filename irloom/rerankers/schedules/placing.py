"""What sorts of the best few have in common: reading an answer as a place, and setting the rest below."""

from collections.abc import Sequence

TIE = 0.5
"""The answer about two documents of which neither wins."""


def best_place(answer: int, size: int) -> int:
    """The place of the best of `size` documents; the first one where the answer is none of them."""
    return answer if 0 <= answer < size else 0


def under_top(top: Sequence[int], n: int) -> list[int]:
    """The places `top`, then all others of `n` in the order given.

    >>> under_top([3, 1], 5)
    [3, 1, 0, 2, 4]
    """
    taken = set(top)
    return [*top, *(place for place in range(n) if place not in taken)]
