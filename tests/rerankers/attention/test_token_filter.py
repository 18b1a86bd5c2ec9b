"""The token filter against a fixture worked by hand, and a loop as the second truth."""

import math
import statistics

import numpy as np
import pytest

from irloom.rerankers.attention.token_filter import document_sums, kept_tokens

QUERY = np.array([0.010, 0.012, 0.030, 0.025, 0.008, 0.011, 0.009, 0.002], np.float32)
BLANK = np.array([0.009, 0.010, 0.012, 0.011, 0.007, 0.010, 0.008, 0.060], np.float32)


def test_the_fixture() -> None:
    # c = .001 .002 .018 .014 .001 .001 .001 -.058: mean -.0025, sample deviation .0234277, threshold -.0493554
    spans = np.array([[0, 8]])
    assert kept_tokens(QUERY - BLANK).tolist() == [True] * 7 + [False]
    assert document_sums(QUERY - BLANK, spans, filtered=True) == pytest.approx([0.038], abs=1e-7)
    assert document_sums(QUERY - BLANK, spans, filtered=False) == pytest.approx([-0.020], abs=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_against_a_loop(seed: int) -> None:
    generator = np.random.default_rng(seed)
    signal = generator.standard_t(2, 60).astype(np.float32)
    bounds = np.sort(generator.choice(60, 6, replace=False)).reshape(3, 2)
    expected = []
    for start, end in bounds.tolist():
        values = [float(value) for value in signal[start:end]]
        if len(values) < 2:
            expected.append(0.0)
            continue
        threshold = statistics.mean(values) - 2 * statistics.stdev(values)
        expected.append(math.fsum(value for value in values if value > threshold))
    assert document_sums(signal, bounds, filtered=True) == pytest.approx(expected, abs=1e-5)


def test_few_or_equal_tokens() -> None:
    assert not kept_tokens(np.array([0.5], np.float32)).any()  # one token has no deviation
    assert not kept_tokens(np.full(9, 0.1, np.float32)).any()  # strictly more than the threshold, which is the mean
    assert kept_tokens(np.zeros(0, np.float32)).shape == (0,)
    for values in ([1, 0, 0, 0, -9], [3, -7], [0, 0, 0, -1, 0]):  # |z| is below 2 for up to five tokens
        assert kept_tokens(np.array(values, np.float32)).all()
    assert document_sums(np.ones(4, np.float32), np.array([[1, 1], [0, 4]]), filtered=True).tolist() == [0.0, 0.0]


def test_each_head_has_its_own_threshold() -> None:
    signal = np.stack([QUERY - BLANK, BLANK - QUERY])
    both = document_sums(signal, np.array([[0, 8]]), filtered=True)
    assert both.shape == (2, 1)
    assert both[0] == document_sums(signal[0], np.array([[0, 8]]), filtered=True)
    assert both[1] == document_sums(signal[1], np.array([[0, 8]]), filtered=True)


def test_what_is_no_number_is_not_lost() -> None:
    signal = np.array([1, np.nan, 2, 3, 4, 5], np.float32)
    assert np.isnan(document_sums(signal, np.array([[0, 3], [3, 6]]), filtered=True)).tolist() == [True, False]
