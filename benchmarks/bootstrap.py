"""10,000 bootstrap samples of 6,980 queries for five systems, beside scipy.stats.bootstrap; and 100,000 sign flips of one pair.

scipy resamples along the axis of queries in one call for all systems, in batches of the size that is its fastest.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import scipy
from results import table, write_section
from scipy import stats

from irloom.eval.bootstrap import Interval, Method, bootstrap_means, interval_of
from irloom.eval.significance import randomisation_test

QUERIES, SYSTEMS, RESAMPLES, FLIPS, REPEATS = 6980, 5, 10_000, 100_000, 5
BATCHES = (10, 100, 1000)
SHARE = 20
"""scipy draws so much fewer sign flips, and its time is multiplied: all of them take minutes."""


def ours(values: np.ndarray, method: Method) -> list[Interval]:
    means = bootstrap_means(values, resamples=RESAMPLES)
    return [interval_of(means[:, system], values[:, system], method=method) for system in range(SYSTEMS)]


def peer(values: np.ndarray, batch: int, resamples: int = RESAMPLES) -> object:
    return stats.bootstrap((values,), np.mean, n_resamples=resamples, batch=batch, method="percentile", axis=0, rng=0).confidence_interval


def peer_flips(values: np.ndarray) -> object:
    def difference(a: np.ndarray, b: np.ndarray, axis: int) -> np.ndarray:
        return (a - b).mean(axis=axis)

    return stats.permutation_test(
        (values[:, 0], values[:, 1]), difference, permutation_type="samples", vectorized=True, n_resamples=FLIPS // SHARE, batch=100, rng=0
    )


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measures and writes the section."""
    values = np.random.default_rng(0).beta(0.4, 0.8, (QUERIES, SYSTEMS))
    ours(values, "percentile")
    batch = min(BATCHES, key=lambda size: seconds(lambda: peer(values, size, 1000)))
    works: dict[str, Callable[[], object]] = {
        "irloom, percentile": lambda: ours(values, "percentile"),
        "irloom, BCa": lambda: ours(values, "bca"),
        "scipy, percentile": lambda: peer(values, batch),
        "irloom, sign flips": lambda: randomisation_test(values[:, 0], values[:, 1], samples=FLIPS),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, work in works.items():
            times[name].append(seconds(work))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    medians["scipy, sign flips"] = SHARE * seconds(lambda: peer_flips(values))
    rows = [
        (name, f"{taken:.2f}", f"{taken / medians['irloom, sign flips' if 'flips' in name else 'irloom, percentile']:.1f}")
        for name, taken in medians.items()
    ]
    text = (
        f"Seconds for {RESAMPLES:,} samples of {QUERIES:,} queries and {SYSTEMS} systems (at most 2 are allowed), and for {FLIPS:,} sign "
        f"flips of one pair; medians of {REPEATS}, in turn. scipy {scipy.__version__}, in batches of {batch}; its sign flips are timed "
        f"once, at a {SHARE}th of them, and multiplied.\n\n"
    )
    write_section("Bootstrap", text + table(["what", "s", "to ours"], rows))


if __name__ == "__main__":
    main()
