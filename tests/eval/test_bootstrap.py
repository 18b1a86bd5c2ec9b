import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.eval import bootstrap
from irloom.eval.bootstrap import bootstrap_means, difference_interval, mean_interval, percentile_interval


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


def test_the_interval_holds_the_true_mean_about_as_often_as_it_says() -> None:
    """400 samples of 60 queries from a skewed distribution of mean 1/3: 95 % hold it, within what chance and n allow."""
    random = np.random.default_rng(11)
    held = 0
    for trial in range(400):
        interval = mean_interval(random.beta(0.5, 1.0, size=60), resamples=400, seed=trial)
        held += interval.low <= 1 / 3 <= interval.high
    assert 0.91 <= held / 400 <= 0.98


def test_a_paired_difference_is_narrower_than_either() -> None:
    random = np.random.default_rng(3)
    baseline = random.random(100)
    better = baseline + 0.05 + 0.01 * random.standard_normal(100)
    delta = difference_interval(better, baseline, resamples=1000)
    assert 0.04 < delta.low < delta.mean < delta.high < 0.06
    own = mean_interval(better, resamples=1000)
    assert own.high - own.low > 5 * (delta.high - delta.low)


def test_one_query_and_equal_values_have_no_width() -> None:
    for values in (np.array([0.4]), np.full(20, 0.4)):
        interval = mean_interval(values, resamples=50)
        assert interval.low == pytest.approx(0.4)
        assert interval.high == pytest.approx(0.4)


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(BadValue):
        mean_interval(np.empty(0))
    with pytest.raises(BadValue):
        mean_interval(np.ones(3), resamples=0)
    with pytest.raises(BadValue, match="level"):
        percentile_interval(np.ones(3), 1.0, level=95)
    with pytest.raises(BadValue, match="baseline"):
        difference_interval(np.ones(3), np.ones(2))
