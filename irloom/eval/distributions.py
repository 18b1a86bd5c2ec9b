"""Student's t, central and noncentral, by its own incomplete beta function: what the tests need, without scipy."""

import math
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from irloom.core.errors import BadValue

Reals = NDArray[np.float64]

NORMAL = NormalDist()
"""The standard normal distribution: `NORMAL.cdf(z)`, `NORMAL.inv_cdf(p)`."""

_TINY = 1e-300
_EPSILON = 1e-16
_STEPS = 100_000
_NODES = 200
_WIDTH = 12.0
"""Standard deviations around the mean within which a chi density is integrated."""


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b).

    Args:
        a: above 0.
        b: above 0.
        x: from 0 to 1.

    Raises:
        BadValue: an argument is out of its range.

    Paper: Press et al., "Numerical recipes", 3rd edition, 2007, section 6.4.

    >>> round(incomplete_beta(2.0, 3.0, 0.5), 6)
    0.6875
    """
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        raise BadValue("a, b, x", (a, b, x), "a and b above 0, x from 0 to 1")
    if x in (0.0, 1.0):
        return x
    return _beta(a, b, x, math.log(x), math.log1p(-x))


def student_p(t: float, df: float) -> float:
    """The two-sided p-value of Student's t: how likely a value at least as far from 0 is.

    Args:
        t: the statistic; infinite is allowed.
        df: degrees of freedom, above 0.

    Raises:
        BadValue: `t` is NaN, or `df` is not above 0.

    >>> round(student_p(1.3484, 5), 4)
    0.2354
    """
    if math.isnan(t) or not df > 0:
        raise BadValue("t, df", (t, df), "a number, and degrees of freedom above 0")
    if math.isinf(t):
        return 0.0
    if t == 0:
        return 1.0
    log_ratio = 2 * math.log(abs(t)) - math.log(df)  # of t^2 / df; its square would overflow
    log_x, log_y = -_softplus(log_ratio), -_softplus(-log_ratio)  # x = df / (df + t^2), y = 1 - x
    return min(1.0, _beta(df / 2, 0.5, math.exp(log_x), log_x, log_y))


def student_tail(t: float, df: float) -> float:
    """How likely Student's t exceeds `t`; see `student_p`."""
    half = student_p(t, df) / 2
    return half if t >= 0 else 1 - half


def student_quantile(p: float, df: float) -> float:
    """The value that Student's t stays under with the probability `p`, between 0 and 1, to 1e-12 of itself.

    Raises:
        BadValue: `p` is not between 0 and 1.

    >>> round(student_quantile(0.975, 10), 4)
    2.2281
    """
    if not 0 < p < 1:
        raise BadValue("p", p, "a probability between 0 and 1")
    tail = min(p, 1 - p)
    high = 1.0
    while student_tail(high, df) > tail:
        high *= 2
    low = 0.0
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if student_tail(middle, df) > tail else (low, middle)
    return math.copysign((low + high) / 2, p - 0.5) if p != 0.5 else 0.0


def noncentral_t_cdf(t: float, df: float, shift: float) -> float:
    """How likely the noncentral t distribution stays under `t`.

    Args:
        t: any number.
        df: degrees of freedom, 1 or more.
        shift: the noncentrality: the true difference over its standard error.

    Paper: Johnson, Kotz and Balakrishnan, "Continuous univariate distributions", volume 2, 2nd edition, 1995, chapter 31: with S the
        root of a chi-square over its degrees of freedom, P(T < t) is the mean of Phi(t S - shift), here by Gauss-Legendre quadrature.
    """
    low, high = max(0.0, 1 - _WIDTH / math.sqrt(2 * df)), 1 + _WIDTH / math.sqrt(2 * df)
    nodes, weights = _quadrature()
    s = (high - low) / 2 * nodes + (high + low) / 2
    log_density = math.log(2) + df / 2 * math.log(df / 2) - math.lgamma(df / 2) + (df - 1) * np.log(s) - df / 2 * s * s
    below = np.array([math.erfc((shift - t * value) / math.sqrt(2)) / 2 for value in s.tolist()])
    return float((high - low) / 2 * (weights * np.exp(log_density)) @ below)


@cache
def _quadrature() -> tuple[Reals, Reals]:
    """Nodes and weights of Gauss and Legendre, float64 (nodes,) each; they take milliseconds to find."""
    nodes, weights = leggauss(_NODES)
    return nodes, weights


def _softplus(value: float) -> float:
    """log(1 + exp(value))."""
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))


def _beta(a: float, b: float, x: float, log_x: float, log_y: float) -> float:
    """I_x(a, b) where the logarithms of x and 1 - x are known to full precision."""
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * log_x + b * log_y)
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, math.exp(log_y)) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / _away(1 + term * d), _away(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _EPSILON * 4:
            break
    return value


def _away(value: float) -> float:
    """The value, or a tiny one in place of 0, which nothing can be divided by."""
    return value if abs(value) > _TINY else _TINY
