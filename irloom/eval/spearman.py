"""Spearman's rho: how alike two orders of the same things are, by their ranks."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irloom.core.errors import BadValue


def spearman_rho(first: ArrayLike, second: ArrayLike) -> float:
    """The correlation of ranks, from -1 (reversed) to 1 (the same order); equal values share their mean rank. NaN for a constant list.

    Args:
        first: float (n,), such as the means of n systems by one judge.
        second: float (n,), those of the same systems by another one.

    Raises:
        BadValue: the lists differ in length, or hold NaN.

    Paper: Spearman, "The proof and measurement of association between two things", 1904.

    >>> round(spearman_rho([1, 2, 3, 4], [1, 3, 2, 4]), 6)
    0.8
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 1 or a.shape != b.shape or np.isnan(a).any() or np.isnan(b).any():
        raise BadValue("lists", (a.shape, b.shape), "two lists of the same length, without NaN")
    x, y = _ranks(a), _ranks(b)
    if not len(x) or x.min() == x.max() or y.min() == y.max():
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum()))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (n,): ranks from 1, ascending; equal values share the mean of theirs."""
    _, groups, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: NDArray[np.float64] = ends - (counts - 1) / 2
    return means[groups]
