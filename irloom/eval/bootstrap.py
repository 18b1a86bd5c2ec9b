"""Bootstrap over queries: the interval of a mean, and of the difference between two; percentile or BCa."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irloom.core.errors import BadValue, UnknownName

Method: TypeAlias = Literal["percentile", "bca"]
"""How an interval is read from the resampled means."""

CHUNK = 2**16
"""How many drawn queries are held at once: as many as the caches hold. It does not change the result."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the ends of its interval."""

    mean: float
    low: float
    high: float


def bootstrap_means(values: NDArray[np.float64], *, resamples: int = 10_000, seed: int = 0) -> NDArray[np.float64]:
    """The mean of each column in each resample of the rows.

    All columns see the same resamples, so the difference of two columns is a paired bootstrap. The values are first rounded to a grid
    of 2^-52 of the largest sum that can occur (for 7,000 queries below 1 a step of 2e-12), on which every sum is exact: the means are the
    same bit by bit on every machine, whatever the order of the additions.

    Args:
        values: float64 (q, columns), a row per query, all finite.
        resamples: how often q queries are drawn from q with replacement, 1 or more.
        seed: of the draw, 0 or more.

    Returns:
        float64 (resamples, columns).

    Raises:
        BadValue: there are no queries, `resamples` is below 1, `seed` below 0, or a value is not finite.

    Paper: Efron and Tibshirani, "An introduction to the bootstrap", 1993, section 13.3.
    """
    queries = len(values)
    if not queries or resamples < 1:
        raise BadValue("queries and resamples", (queries, resamples), "at least one of each")
    if seed < 0:
        raise BadValue("seed", seed, "0 or more")
    if not np.isfinite(values).all():
        raise BadValue("values", "NaN or infinite", "finite values")
    grid = _on_a_grid(values)
    random = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]), np.float64)
    step = max(1, CHUNK // queries)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = random.integers(0, queries, size=(rows, queries), dtype=np.int32)
        drawn += np.arange(0, rows * queries, queries, dtype=np.int32)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * queries).reshape(rows, queries)
        np.matmul(counts.astype(np.float64), grid, out=means[start : start + rows])
    means /= queries
    return means


def percentile_interval(means: NDArray[np.float64], mean: float, *, level: float = 0.95) -> Interval:
    """The middle `level` of the resampled means.

    Args:
        means: float64 (resamples,).
        mean: of the sample itself.
        level: the share between the ends, between 0 and 1.

    Raises:
        BadValue: `level` is not between 0 and 1.
    """
    _check_level(level)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean, float(low), float(high))


def bca_interval(means: NDArray[np.float64], values: NDArray[np.float64], *, level: float = 0.95) -> Interval:
    """The bias-corrected and accelerated interval: the percentiles shifted by how the resampled means lie and how skewed the values are.

    The bias is read from the share of means below the sample's, half of the equal ones among them; the acceleration from the jackknife.
    Values that are all equal, and a single one, have no width.

    Args:
        means: float64 (resamples,), by `bootstrap_means` of `values`.
        values: float64 (q,), the sample.
        level: the share between the ends, between 0 and 1.

    Raises:
        BadValue: `level` is not between 0 and 1.

    Paper: Efron, "Better bootstrap confidence intervals", 1987; Efron and Tibshirani, 1993, section 14.3.
    """
    _check_level(level)
    mean = float(values.mean())
    centred = values - mean
    spread = float(centred @ centred)
    if spread <= (1e-12 * float(np.abs(values).max(initial=0.0))) ** 2 * len(values):
        return Interval(mean, mean, mean)
    acceleration = float((centred**3).sum()) / (6 * spread**1.5)  # leaving query i out moves the mean by -centred[i] / (q - 1)
    slack = 1e-12 * float(np.abs(values).max())  # the means lie on their grid, the sample's does not
    below, equal = int((means < mean - slack).sum()), int((np.abs(means - mean) <= slack).sum())
    share = min(max((below + equal / 2) / len(means), 0.5 / len(means)), 1 - 0.5 / len(means))
    bias = _NORMAL.inv_cdf(share)
    ends = (_shifted(_NORMAL.inv_cdf(p), bias, acceleration) for p in ((1 - level) / 2, (1 + level) / 2))
    low, high = np.quantile(means, list(ends))
    return Interval(mean, float(low), float(high))


def interval_of(means: NDArray[np.float64], values: NDArray[np.float64], *, method: Method = "percentile", level: float = 0.95) -> Interval:
    """The interval of float64 (q,) `values` by its resampled means, by one method or the other.

    Args:
        means: float64 (resamples,), by `bootstrap_means` of `values`.
        values: float64 (q,), the sample.
        method: "percentile" or "bca".
        level: the share between the ends, between 0 and 1.

    Raises:
        UnknownName: there is no such method.
        BadValue: `level` is not between 0 and 1.
    """
    if method not in get_args(Method):
        raise UnknownName("bootstrap interval", str(method), get_args(Method))
    if method == "bca":
        return bca_interval(means, values, level=level)
    return percentile_interval(means, float(values.mean()), level=level)


def mean_interval(
    values: ArrayLike, *, method: Method = "percentile", resamples: int = 10_000, seed: int = 0, level: float = 0.95
) -> Interval:
    """The mean of float64 (q,) and its interval; see `bootstrap_means` and `interval_of`."""
    sample = _row("values", values)
    means = bootstrap_means(sample[:, None], resamples=resamples, seed=seed)
    return interval_of(means[:, 0], sample, method=method, level=level)


def difference_interval(
    values: ArrayLike,
    baseline: ArrayLike,
    *,
    method: Method = "percentile",
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The mean of values - baseline, both float64 (q,) over the same queries, and its paired interval."""
    system, before = _row("values", values), _row("baseline", baseline)
    if len(system) != len(before):
        raise BadValue("baseline", len(before), f"as many queries as the system has, {len(system)}")
    return mean_interval(system - before, method=method, resamples=resamples, seed=seed, level=level)


def _row(name: str, values: ArrayLike) -> NDArray[np.float64]:
    row = np.asarray(values, np.float64)
    if row.ndim != 1:
        raise BadValue(name, row.shape, "one value for each query, in one row")
    return row


def _on_a_grid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values, each column rounded to multiples of a power of two such that a sum of as many of them is exact in float64.

    With 2^e above the largest sum in size and steps of 2^(e - 52), every partial sum is a multiple of the step below 2^52 steps.
    """
    _, exponent = np.frexp(len(values) * np.abs(values).max(axis=0))
    step = np.ldexp(1.0, np.maximum(exponent - 52, -1074))
    rounded: NDArray[np.float64] = np.round(values / step) * step
    return rounded


def _shifted(z: float, bias: float, acceleration: float) -> float:
    """The probability at which BCa reads the end that the normal distribution has at `z`."""
    room = 1 - acceleration * (bias + z)
    if room <= 0:
        return float(z > 0)
    return _NORMAL.cdf(bias + (bias + z) / room)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise BadValue("level", level, "a share between 0 and 1")
