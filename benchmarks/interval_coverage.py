"""How often the bootstrap's 95 % intervals hold the true mean, in simulated samples of values as nDCG lies over queries."""

from typing import get_args

import numpy as np
from results import table, write_section

from irloom.eval.bootstrap import Method, bootstrap_means, interval_of

POPULATIONS = {
    "like SciFact: 20 % zeros, 45 % ones, mean .63": (0.20, 0.45, 3.0, 3.0),
    "like TREC DL: nearly all between, mean .66": (0.02, 0.02, 5.0, 2.5),
    "like NFCorpus: 30 % zeros, mean .27": (0.30, 0.05, 1.0, 2.0),
    "hard and skewed: 45 % zeros, mean .16": (0.45, 0.03, 1.2, 3.5),
}
"""The share of zeros, that of ones, and the beta distribution of the others."""

TRIALS, AT_ONCE, RESAMPLES = 10_000, 500, 2000


def covered(population: tuple[float, float, float, float], queries: int, method: Method) -> float:
    """The share of samples whose interval holds the mean of the population; samples are columns that share the resamples' draws."""
    zeros, ones, a, b = population
    truth = ones + (1 - zeros - ones) * a / (a + b)
    held = 0
    for seed in range(TRIALS // AT_ONCE):
        random = np.random.default_rng(seed)
        place = random.random((queries, AT_ONCE))
        samples = np.where(place < zeros, 0.0, np.where(place < zeros + ones, 1.0, random.beta(a, b, place.shape)))
        means = bootstrap_means(samples, resamples=RESAMPLES, seed=seed)
        intervals = [interval_of(means[:, trial], samples[:, trial], method=method) for trial in range(AT_ONCE)]
        held += sum(interval.low <= truth <= interval.high for interval in intervals)
    return held / TRIALS


def main() -> None:
    """Simulates and writes the section."""
    cases = [(method, queries) for queries in (50, 300) for method in get_args(Method)]
    rows = [
        [name, *(f"{100 * covered(population, queries, method):.1f}" for method, queries in cases)]
        for name, population in POPULATIONS.items()
    ]
    titles = ["values", *(f"{method}, {queries} queries" for method, queries in cases)]
    text = f"Per cent of {TRIALS:,} samples, {RESAMPLES:,} resamples each; the standard error is 0.2."
    write_section("Coverage of 95 % bootstrap intervals", f"{text}\n\n{table(titles, rows)}")


if __name__ == "__main__":
    main()
