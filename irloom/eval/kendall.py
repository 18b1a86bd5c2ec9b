"""Kendall's tau and its relative that weights the top: how alike two orders of the same things are."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irloom.core.errors import BadValue

_SMALL = 64


def kendall_tau(first: ArrayLike, second: ArrayLike) -> float:
    """Tau-b of two lists of values of the same things, from -1 (reversed) to 1 (the same order); NaN where a list is constant.

    Args:
        first: float (n,), such as the means of n systems in one measure.
        second: float (n,), those of the same systems in another one.

    Raises:
        BadValue: the lists differ in length, or hold NaN.

    Paper: Kendall, "The treatment of ties in ranking problems", 1945.

    >>> round(kendall_tau([1, 2, 3, 4], [1, 3, 2, 4]), 6)
    0.666667
    """
    a, b = _pair(first, second)
    pairs = len(a) * (len(a) - 1) // 2
    tied_a, tied_b, tied_both = _tied(a), _tied(b), _tied(a, b)
    if not pairs or pairs in (tied_a, tied_b):
        return float("nan")
    discordant = _inversions(b[np.lexsort((b, a))])
    concordant = pairs - tied_a - tied_b + tied_both - discordant
    return float((concordant - discordant) / np.sqrt(float(pairs - tied_a) * float(pairs - tied_b)))


def kendall_tau_a(first: ArrayLike, second: ArrayLike) -> float:
    """Tau-a: concordant less discordant pairs over all pairs, those that tie too; tau-b where nothing ties. NaN for less than two things.

    Args:
        first: float (n,), such as the means of n systems by one judge.
        second: float (n,), those of the same systems by another one.

    Raises:
        BadValue: the lists differ in length, or hold NaN.

    Paper: Kendall, "A new measure of rank correlation", 1938.

    >>> kendall_tau_a([0.5, 0.4, 0.3, 0.2, 0.1], [0.52, 0.45, 0.25, 0.30, 0.05])
    0.8
    """
    a, b = _pair(first, second)
    pairs = len(a) * (len(a) - 1) // 2
    if not pairs:
        return float("nan")
    discordant = _inversions(b[np.lexsort((b, a))])
    concordant = pairs - _tied(a) - _tied(b) + _tied(a, b) - discordant
    return (concordant - discordant) / pairs


def tau_ap(estimate: ArrayLike, truth: ArrayLike) -> float:
    """Tau-AP, in which a swap near the top costs more than one near the bottom, from -1 to 1. It is not symmetric.

    Args:
        estimate: float (n,), n from 2 up: values whose order, greatest first, is judged.
        truth: float (n,): values of the same things in the order that is right.

    Raises:
        BadValue: the lists differ in length, hold NaN, are shorter than 2, or two values in a list are equal: no order is right.

    Paper: Yilmaz, Aslam and Robertson, "A new rank correlation coefficient for information retrieval", 2008, equation 1.

    >>> round(tau_ap([4, 2, 3, 1], [4, 3, 2, 1]), 6)
    0.666667
    """
    a, b = _pair(estimate, truth)
    if len(a) < 2:
        raise BadValue("estimate", a.tolist(), "two values or more")
    for name, values in (("estimate", a), ("truth", b)):
        if len(np.unique(values)) != len(values):
            raise BadValue(name, values.tolist(), "values that differ; break ties first, or use kendall_tau")
    right = b[np.argsort(-a)]
    above = [float(np.mean(right[:place] > right[place])) for place in range(1, len(right))]
    return 2 * float(np.mean(above)) - 1


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise BadValue("lists", (a.shape, b.shape), "two lists of the same length")
    if np.isnan(a).any() or np.isnan(b).any():
        raise BadValue("lists", "NaN", "numbers")
    return a, b


def _tied(*columns: NDArray[np.float64]) -> int:
    """How many pairs of places are equal in all columns, float64 (n,) each."""
    order = np.lexsort(columns)
    new = np.any([column[order][1:] != column[order][:-1] for column in columns], axis=0)
    counts = np.bincount(np.concatenate([[0], np.cumsum(new)]))
    return int((counts * (counts - 1) // 2).sum())


def _inversions(values: NDArray[np.float64]) -> int:
    """How many pairs stand in descending order, strictly."""
    if len(values) <= _SMALL:
        return int(np.triu(values[:, None] > values[None, :]).sum())
    half = len(values) // 2
    left, right = np.sort(values[:half]), values[half:]
    across = len(left) * len(right) - int(np.searchsorted(left, right, side="right").sum())
    return _inversions(values[:half]) + _inversions(right) + across
