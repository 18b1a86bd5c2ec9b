from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.eval import bootstrap
from irloom.eval.bootstrap import (
    Method,
    bca_interval,
    bootstrap_means,
    difference_interval,
    interval_of,
    mean_interval,
    percentile_interval,
)

Values = NDArray[np.float64]


def test_equals_resampling_one_by_one() -> None:
    values = np.random.default_rng(1).random((7, 2))
    draws = np.random.default_rng(9).integers(0, 7, size=(50, 7), dtype=np.int32)
    expected = np.array([values[draw].mean(axis=0) for draw in draws])
    np.testing.assert_allclose(bootstrap_means(values, resamples=50, seed=9), expected)


def test_chunks_cover_every_resample(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.ones((10, 1))
    monkeypatch.setattr(bootstrap, "CHUNK", 25)
    np.testing.assert_allclose(bootstrap_means(values, resamples=9), np.ones((9, 1)))
    monkeypatch.setattr(bootstrap, "CHUNK", 1)
    np.testing.assert_allclose(bootstrap_means(values, resamples=3), np.ones((3, 1)))


def test_the_seed_decides() -> None:
    values = np.random.default_rng(1).random(30)
    assert mean_interval(values, resamples=200, seed=4) == mean_interval(values, resamples=200, seed=4)
    assert mean_interval(values, resamples=200, seed=4) != mean_interval(values, resamples=200, seed=5)


def test_near_the_normal_interval_on_many_queries() -> None:
    values = np.random.default_rng(2).random(2000)  # standard error sqrt(1/12 / 2000) = .006455
    interval = mean_interval(values, resamples=4000)
    assert interval.mean == pytest.approx(values.mean())
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 0.006455, rel=0.06)


def test_a_paired_difference_is_narrower_than_either() -> None:
    random = np.random.default_rng(3)
    baseline = random.random(100)
    better = baseline + 0.05 + 0.01 * random.standard_normal(100)
    delta = difference_interval(better, baseline, resamples=1000)
    assert 0.04 < delta.low < delta.mean < delta.high < 0.06
    own = mean_interval(better, resamples=1000)
    assert own.high - own.low > 5 * (delta.high - delta.low)


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(BadValue):
        mean_interval(np.empty(0))
    with pytest.raises(BadValue):
        mean_interval(np.ones(3), resamples=0)
    with pytest.raises(BadValue, match="level"):
        percentile_interval(np.ones(3), 1.0, level=95)
    with pytest.raises(BadValue, match="baseline"):
        difference_interval(np.ones(3), np.ones(2))


def test_chunks_and_the_order_of_columns_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(5).random((333, 4)) ** 3
    means = bootstrap_means(values, resamples=200, seed=2)
    for chunk in (1, 1000, 2**20):
        monkeypatch.setattr(bootstrap, "CHUNK", chunk)
        assert np.array_equal(bootstrap_means(values, resamples=200, seed=2), means)
    assert np.array_equal(bootstrap_means(values[:, ::-1], resamples=200, seed=2)[:, ::-1], means)
    assert np.array_equal(bootstrap_means(values[:, 1:2], resamples=200, seed=2), means[:, 1:2])


@settings(max_examples=60)
@given(arrays(np.float64, st.tuples(st.integers(1, 12), st.just(2)), elements=st.floats(-1e9, 1e9)), st.sampled_from([1.0, 1e-300, 1e200]))
def test_the_grid_costs_no_more_than_rounding(values: Values, scale: float) -> None:
    values = values * scale
    draws = np.random.default_rng(1).integers(0, len(values), size=(20, len(values)), dtype=np.int32)
    expected = np.array([values[draw].mean(axis=0) for draw in draws])
    np.testing.assert_allclose(bootstrap_means(values, resamples=20, seed=1), expected, rtol=0, atol=1e-14 * np.abs(values).max())


def test_bca_by_hand() -> None:
    """Means 1..8 of a sample of mean 4.5: half lie below, so the bias is 0; values symmetric about 4.5: the acceleration is 0."""
    means, values = np.arange(1.0, 9.0), np.array([1.0, 8.0, 2.0, 7.0])
    assert bca_interval(means, values, level=0.5).low == pytest.approx(percentile_interval(means, 4.5, level=0.5).low)
    # values 0, 0, 0, 4: mean 1, centred -1, -1, -1, 3; acceleration = (-3 + 27) / (6 * 12^1.5) = 0.0962250
    # 3 of 8 means below 1 and 2 equal: share 0.5, bias 0; z = 0.6744898, so p = Phi(z / (1 - 0.0962250 z)) = Phi(0.7213014) = 0.764636
    # and Phi(-z / (1 + 0.0962250 z)) = Phi(-0.6333825) = 0.263243, read between the sorted means at 7 p = 5.352455 and 1.842698
    means = np.array([0.0, 0.25, 0.5, 1.0, 1.0, 1.5, 2.0, 3.0])
    interval = bca_interval(means, np.array([0.0, 0.0, 0.0, 4.0]), level=0.5)
    assert interval.mean == 1
    assert interval.low == pytest.approx(0.25 + 0.842698 * 0.25, abs=1e-5)
    assert interval.high == pytest.approx(1.5 + 0.352455 * 0.5, abs=1e-5)


def test_bca_leans_to_the_long_tail() -> None:
    values = np.random.default_rng(8).beta(0.4, 3.0, size=40)
    percentile, bca = (mean_interval(values, method=method, resamples=4000) for method in ("percentile", "bca"))
    assert percentile.mean == bca.mean
    assert bca.low > percentile.low
    assert bca.high > percentile.high


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_degenerate_samples(method: Method) -> None:
    for values in (np.array([0.4]), np.full(20, 0.1), np.zeros(5)):
        interval = mean_interval(values, method=method, resamples=50)
        assert (interval.low, interval.high) == (pytest.approx(values[0]), pytest.approx(values[0]))
    two = mean_interval(np.array([0.0, 1.0]), method=method, resamples=500)  # a quarter of the means are 0, a quarter 1
    assert (two.low, two.mean, two.high) == (0, 0.5, 1)
    rare = mean_interval(np.r_[np.zeros(99), 1.0], method=method, resamples=1000)
    assert 0 <= rare.low <= rare.mean <= rare.high <= 0.1


def test_bca_where_every_mean_lies_on_one_side() -> None:
    values = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    for means in (np.zeros(10), np.ones(10)):
        interval = bca_interval(means, values)
        assert interval.low == interval.high == means[0]


def nothing_some_all(nothing: float, all_: float, a: float, b: float) -> tuple[Callable[[np.random.Generator, int], Values], float]:
    """nDCG as it lies over queries: 0 for some, 1 for others, beta(a, b) between; a drawer of (n, trials), and the true mean."""

    def draw(random: np.random.Generator, n: int) -> Values:
        place = random.random((n, TRIALS))
        return np.where(place < nothing, 0.0, np.where(place < nothing + all_, 1.0, random.beta(a, b, (n, TRIALS))))

    return draw, all_ + (1 - nothing - all_) * a / (a + b)


TRIALS = 2000
POPULATIONS = {
    "like SciFact, .63": nothing_some_all(0.20, 0.45, 3.0, 3.0),
    "like TREC DL, .66": nothing_some_all(0.02, 0.02, 5.0, 2.5),
    "like NFCorpus, .27": nothing_some_all(0.30, 0.05, 1.0, 2.0),
    "hard and skewed, .16": nothing_some_all(0.45, 0.03, 1.2, 3.5),
}


@pytest.mark.parametrize("queries", [50, 300])
@pytest.mark.parametrize("name", POPULATIONS)
def test_intervals_cover_the_truth_as_often_as_they_say(name: str, queries: int) -> None:
    """95 % intervals of 2,000 samples hold the true mean in 93 to 97 %; each sample is a column, all share the resamples' draws."""
    draw, truth = POPULATIONS[name]
    samples = draw(np.random.default_rng(21), queries)
    means = bootstrap_means(samples, resamples=2000, seed=22)
    for method in get_args(Method):
        intervals = [interval_of(means[:, trial], samples[:, trial], method=method) for trial in range(TRIALS)]
        covered = sum(interval.low <= truth <= interval.high for interval in intervals) / TRIALS
        assert 0.93 <= covered <= 0.97, (method, covered)


def test_methods_are_named() -> None:
    with pytest.raises(UnknownName, match="bca"):
        mean_interval(np.ones(3), method="bac")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="finite"):
        mean_interval(np.array([0.1, np.nan]))
    with pytest.raises(BadValue, match="level"):
        bca_interval(np.ones(3), np.arange(3.0), level=0)


def test_plain_lists_are_taken_as_the_tests_of_significance_take_them() -> None:
    new, base = [0.5, 0.6, 0.7], [0.4, 0.6, 0.5]
    assert mean_interval(new, resamples=100) == mean_interval(np.array(new), resamples=100)
    assert difference_interval(new, base, resamples=100) == difference_interval(np.array(new), np.array(base), resamples=100)
    with pytest.raises(BadValue, match="in one row"):
        mean_interval([new, base])
    with pytest.raises(BadValue, match="seed is -1; expected 0 or more"):
        mean_interval(new, seed=-1)
