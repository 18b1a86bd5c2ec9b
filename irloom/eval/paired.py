"""Differences of two systems over the same queries, as every paired test reads them."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irloom.core.errors import BadValue

Values = NDArray[np.float64]

_ROUNDING = 1e-12
"""Differences below this share of the values are what sums in another order make, not differences."""


def paired_differences(a: ArrayLike, b: ArrayLike) -> Values:
    """float64 (q,): a - b by query, with 0 where they differ by no more than rounding does.

    Raises:
        BadValue: there are no queries, not as many in both, or a value that is not finite.
    """
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if first.ndim != 1 or first.shape != second.shape or not len(first):
        raise BadValue("a, b", (first.shape, second.shape), "values of the same queries, at least one")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise BadValue("a, b", "NaN or infinite", "finite values")
    differences = first - second
    differences[np.abs(differences) <= _ROUNDING * np.maximum(np.abs(first), np.abs(second))] = 0.0
    return differences


def summary(differences: Values) -> tuple[float, float, int]:
    """Mean, standard deviation and count; the deviation of equal differences is exactly 0."""
    mean, queries = float(differences.mean()), len(differences)
    if queries < 2:
        return mean, 0.0, queries
    deviation = float(differences.std(ddof=1))
    return mean, deviation if deviation > _ROUNDING * float(np.abs(differences).max()) else 0.0, queries


def ratio(above: float, below: float) -> float:
    """The quotient; infinite, or 0 for 0, where it is divided by 0."""
    if below:
        return above / below
    return math.copysign(math.inf, above) if above else 0.0
