"""Tests and intervals equal scipy's on the same values."""

import math
import warnings

import numpy as np
import pytest

from irloom.eval.bootstrap import bca_interval, bootstrap_means, percentile_interval
from irloom.eval.distributions import incomplete_beta, noncentral_t_cdf, student_p, student_quantile
from irloom.eval.significance import benjamini_hochberg, paired_t_test, randomisation_test, tost

pytestmark = pytest.mark.parity

scipy_stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
special = pytest.importorskip("scipy.special", reason="scipy is not installed")

SIZES = (2, 3, 6, 50, 300, 6980)


def pairs(seed: int, queries: int) -> tuple[np.ndarray, np.ndarray]:
    """Two systems over the same queries: many ties, many zeros and ones, one now and then far off."""
    random = np.random.default_rng(seed)
    a = np.round(random.beta(0.6, 0.8, queries), int(random.integers(1, 12)))
    b = np.where(random.random(queries) < random.choice([0.0, 0.5, 0.9]), a, np.round(random.random(queries), 3))
    return a * 10.0 ** random.integers(-8, 9), b * 10.0 ** random.integers(-8, 9)


@pytest.mark.parametrize("queries", SIZES)
@pytest.mark.parametrize("seed", range(12))
def test_paired_t(seed: int, queries: int) -> None:
    a, b = pairs(seed, queries)
    ours = paired_t_test(a, b)
    if len(np.unique(a - b)) == 1:  # scipy does not define t without variance
        assert ours.p_value == float(a[0] == b[0])
        return
    expected = scipy_stats.ttest_rel(a, b)
    assert ours.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(expected.pvalue, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("queries", SIZES)
def test_tost(queries: int) -> None:
    random = np.random.default_rng(queries)
    a, b = random.random((2, queries))
    for margin in (0.005, 0.1, 0.7):
        test = tost(a, b, margin=margin)
        lower = scipy_stats.ttest_rel(a + margin, b, alternative="greater").pvalue
        upper = scipy_stats.ttest_rel(a - margin, b, alternative="less").pvalue
        assert test.noninferior_p == pytest.approx(lower, rel=1e-8, abs=1e-15)
        assert test.equivalent_p == pytest.approx(max(lower, upper), rel=1e-8, abs=1e-15)


@pytest.mark.parametrize("seed", range(6))
def test_randomisation_exact(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = np.round(random.random((2, 11)), 2)
    expected = scipy_stats.permutation_test(
        (a, b), lambda x, y, axis: (x - y).mean(axis=axis), permutation_type="samples", vectorized=True, n_resamples=np.inf
    )
    assert randomisation_test(a, b).p_value == pytest.approx(expected.pvalue, abs=1e-12)


@pytest.mark.parametrize("df", [1, 2, 4.5, 29, 299, 6979, 1e6])
def test_student_at_all_sizes_of_t(df: float) -> None:
    for t in (1e-7, 1e-3, 0.5, 1.0, 1.96, 5.0, 12.0, 40.0, 1e3, 1e10):
        assert student_p(t, df) == pytest.approx(2 * scipy_stats.t.sf(t, df), rel=1e-8, abs=1e-300)
    for p in (1e-9, 0.025, 0.5, 0.8, 0.975, 0.9999):
        assert student_quantile(p, df) == pytest.approx(scipy_stats.t.ppf(p, df), rel=1e-8)


def test_incomplete_beta() -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        a, b, x = 10 ** random.uniform(-1, 3), 10 ** random.uniform(-1, 3), random.random()
        assert incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-8, abs=1e-250)


@pytest.mark.parametrize("df", [1, 2, 5, 29, 299, 6979])
def test_noncentral_t(df: int) -> None:
    for t, shift in [(2.0, 2.8), (-2.0, 2.8), (2.5, 5.0), (1.9, -1.0), (12.7, 30.0), (0.5, 1e-3)]:
        assert noncentral_t_cdf(t, df, shift) == pytest.approx(scipy_stats.nct.cdf(t, df, shift), abs=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_benjamini_hochberg(seed: int) -> None:
    p = np.round(np.random.default_rng(seed).random(20) ** 3, 2)
    np.testing.assert_allclose(benjamini_hochberg(p), scipy_stats.false_discovery_control(p))


@pytest.mark.parametrize("queries", [8, 50, 300])
@pytest.mark.parametrize("seed", range(4))
def test_intervals_of_the_same_resamples(seed: int, queries: int) -> None:
    """scipy's resampled means, read by scipy and by us; of sums that are exact, since scipy takes two roundings of a mean for two means."""
    values = np.round(1024 * np.random.default_rng(seed).beta(0.5, 1.5, queries)) / 1024
    for method, level in (("BCa", 0.95), ("percentile", 0.9)):
        theirs = scipy_stats.bootstrap((values,), np.mean, n_resamples=999, method=method, confidence_level=level, rng=seed)
        means = theirs.bootstrap_distribution
        ours = bca_interval(means, values, level=level) if method == "BCa" else percentile_interval(means, 0.0, level=level)
        assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=1e-9)
        assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=1e-9)


def test_intervals_of_other_resamples_are_near() -> None:
    values = np.random.default_rng(3).beta(0.5, 1.5, 200)
    means = bootstrap_means(values[:, None], resamples=20_000)[:, 0]
    theirs = scipy_stats.bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", rng=1).confidence_interval
    ours = bca_interval(means, values)
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=2e-3), pytest.approx(theirs.high, abs=2e-3))


def test_where_scipy_gives_up() -> None:
    """Without variance scipy's t is NaN or infinite, with a warning; ours is 0 or infinite, with p = 1 or 0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert math.isnan(scipy_stats.ttest_rel([0.5, 0.5], [0.5, 0.5]).pvalue)
    assert paired_t_test([0.5, 0.5], [0.5, 0.5]).p_value == 1
