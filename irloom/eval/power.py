"""What a number of queries can find: the power of the paired t-test, and the least difference that it detects."""

import math

from numpy.typing import ArrayLike

from irloom.core.errors import BadValue
from irloom.eval.distributions import noncentral_t_cdf, student_quantile
from irloom.eval.paired import paired_differences, summary


def power(difference: float, deviation: float, *, queries: int, alpha: float = 0.05) -> float:
    """How likely the two-sided paired t-test finds a true difference; by the noncentral t distribution.

    Args:
        difference: the true mean difference.
        deviation: the standard deviation of the differences, above 0.
        queries: 2 or more.
        alpha: the level of the test, between 0 and 1.

    Raises:
        BadValue: an argument is out of its range.
    """
    if not deviation > 0 or queries < 2:
        raise BadValue("deviation, queries", (deviation, queries), "a deviation above 0 and 2 queries or more")
    return _power(difference / deviation, queries, student_quantile(1 - alpha / 2, queries - 1))


def detectable_difference(a: ArrayLike, b: ArrayLike, *, chance: float = 0.8, alpha: float = 0.05) -> float | None:
    """The least true difference that the paired t-test finds with the given chance, for this many queries that vary this much.

    By the noncentral t distribution; the deviation is that of the observed differences.

    Args:
        a: float64 (q,), a system by query.
        b: float64 (q,), the other over the same queries.
        chance: the power, above `alpha` and below 1.
        alpha: the level of the test, between 0 and 1.

    Returns:
        The difference, or None where nothing tells how much differences vary: one query, or the same difference for all.

    Raises:
        BadValue: an argument is out of its range, or the values cannot be paired.

    Paper: Cohen, "Statistical power analysis for the behavioral sciences", 2nd edition, 1988, chapter 2.
    """
    if not 0 < alpha < chance < 1:
        raise BadValue("alpha, chance", (alpha, chance), "0 < alpha < chance < 1")
    _, deviation, queries = summary(paired_differences(a, b))
    if deviation == 0:
        return None
    critical = student_quantile(1 - alpha / 2, queries - 1)
    low, high = 0.0, 1.0  # in standard deviations
    while _power(high, queries, critical) < chance:
        low, high = high, 2 * high
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _power(middle, queries, critical) < chance else (low, middle)
    return high * deviation


def _power(effect: float, queries: int, critical: float) -> float:
    """The power for a true difference in standard deviations, where the test rejects beyond `critical`."""
    shift = effect * math.sqrt(queries)
    return 1 - noncentral_t_cdf(critical, queries - 1, shift) + noncentral_t_cdf(-critical, queries - 1, shift)
