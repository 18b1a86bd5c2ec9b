"""Bootstrap over queries: the percentile interval of a mean, and of the difference between two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue

CHUNK = 2**21
"""How many drawn queries are held at once: bounds the memory to about 40 MB."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the ends of its interval."""

    mean: float
    low: float
    high: float


def bootstrap_means(values: NDArray[np.float64], *, resamples: int = 10_000, seed: int = 0) -> NDArray[np.float64]:
    """The mean of each column in each resample of the rows.

    All columns see the same resamples, so the difference of two columns is a paired bootstrap.

    Args:
        values: float64 (q, columns), a row per query.
        resamples: how often q queries are drawn from q with replacement, 1 or more.
        seed: of the draw.

    Returns:
        float64 (resamples, columns).

    Raises:
        BadValue: there are no queries, or `resamples` is below 1.

    Paper: Efron and Tibshirani, "An introduction to the bootstrap", 1993, section 13.3.
    """
    queries = len(values)
    if not queries or resamples < 1:
        raise BadValue("queries and resamples", (queries, resamples), "at least one of each")
    random = np.random.default_rng(seed)
    means = np.empty((resamples, values.shape[1]), np.float64)
    step = max(1, CHUNK // queries)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = random.integers(0, queries, size=(rows, queries), dtype=np.int32)
        drawn += np.arange(0, rows * queries, queries, dtype=np.int32)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * queries).reshape(rows, queries)
        means[start : start + rows] = counts @ values / queries
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
    if not 0 < level < 1:
        raise BadValue("level", level, "a share between 0 and 1")
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(mean, float(low), float(high))


def mean_interval(values: NDArray[np.float64], *, resamples: int = 10_000, seed: int = 0, level: float = 0.95) -> Interval:
    """The mean of float64 (q,) and its percentile interval; see `bootstrap_means`."""
    means = bootstrap_means(values[:, None], resamples=resamples, seed=seed)
    return percentile_interval(means[:, 0], float(values.mean()), level=level)


def difference_interval(
    values: NDArray[np.float64], baseline: NDArray[np.float64], *, resamples: int = 10_000, seed: int = 0, level: float = 0.95
) -> Interval:
    """The mean of values - baseline, both float64 (q,) over the same queries, and its paired percentile interval."""
    if len(values) != len(baseline):
        raise BadValue("baseline", len(baseline), f"as many queries as the system has, {len(values)}")
    return mean_interval(values - baseline, resamples=resamples, seed=seed, level=level)
