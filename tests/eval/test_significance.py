import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.eval.distributions import student_p
from irloom.eval.significance import (
    benjamini_hochberg,
    holm,
    letter,
    letters,
    paired_t_test,
    pairwise_p,
    randomisation_test,
    tost,
)

Values = NDArray[np.float64]

A = [0.5, 0.6, 0.7, 0.2, 0.9, 0.4]
B = [0.4, 0.6, 0.5, 0.3, 0.7, 0.4]
PROBABILITIES = arrays(np.float64, st.integers(0, 9), elements=st.sampled_from([0.0, 0.001, 0.01, 0.02, 0.03, 0.3, 1.0]))
TENTHS = arrays(np.float64, st.integers(1, 8), elements=st.integers(0, 10).map(lambda tenth: tenth / 10))


def test_the_golden_of_the_conventions() -> None:
    """a - b is .1, 0, .2, -.1, .2, 0: mean .066667, deviation .121106, t = .066667 / (.121106 / sqrt(6)) = 1.348400, p = 0.235387;
    of the 16 signs of the four that differ, 6 give a sum of .4 or more in size: 24 of 64."""
    test = paired_t_test(A, B)
    assert test.difference == pytest.approx(0.4 / 6)
    assert test.statistic == pytest.approx(1.348400, abs=5e-7)
    assert test.p_value == pytest.approx(0.235387, abs=5e-7)
    assert test.effect_size == pytest.approx(1.348400 / math.sqrt(6), abs=5e-7)
    flips = randomisation_test(A, B)
    assert (flips.p_value, flips.exact, flips.samples) == (24 / 64, True, 16)


def test_the_first_published_paired_test() -> None:
    """Student 1908, section IX: hours of sleep that two drugs gained ten patients; mean difference 1.58, t = 4.0621, p = .00283."""
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    test = paired_t_test(second, first)
    assert test.difference == pytest.approx(1.58)
    assert test.statistic == pytest.approx(4.0621, abs=5e-5)
    assert test.p_value == pytest.approx(0.00283, abs=5e-6)


def test_fishers_example_of_flipped_signs() -> None:
    """Fisher 1935, section 21: of the 32,768 signs of Darwin's fifteen pairs, 1,726 give a sum of 314 or more in size."""
    heights = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    test = randomisation_test(heights, [0] * 15)
    assert test.samples == 32768
    assert test.p_value == 1726 / 32768


@settings(max_examples=60)
@given(TENTHS, st.integers(0, 99))
def test_every_assignment_of_signs(a: Values, seed: int) -> None:
    b = np.random.default_rng(seed).integers(0, 11, len(a)) / 10
    tenths = np.round(10 * (a - b)).astype(int)
    sums = [abs(sum(sign * tenth for sign, tenth in zip(signs, tenths, strict=True))) for signs in product((1, -1), repeat=len(a))]
    expected = sum(total >= abs(tenths.sum()) for total in sums) / len(sums)
    assert randomisation_test(a, b).p_value == pytest.approx(expected, abs=1e-12)


def test_drawn_signs_are_near_all_of_them() -> None:
    random = np.random.default_rng(4)
    a = random.random(14)
    b = a + 0.1 * random.standard_normal(14) + 0.03
    exact, drawn = randomisation_test(a, b), randomisation_test(a, b, samples=16_000)
    assert exact.exact
    assert not drawn.exact
    assert drawn.p_value == pytest.approx(exact.p_value, abs=4 * math.sqrt(0.25 / 16_000))
    assert drawn == randomisation_test(a, b, samples=16_000)
    assert drawn != randomisation_test(a, b, samples=16_000, seed=1)


def test_all_signs_and_drawn_signs_in_several_blocks() -> None:
    """More than 16 signs, and more than 65,536 samples."""
    random = np.random.default_rng(9)
    a, b = random.random((2, 18))
    exact, drawn = randomisation_test(a, b, samples=2**18), randomisation_test(a, b, samples=200_000)
    assert (exact.exact, exact.samples, drawn.exact, drawn.samples) == (True, 2**18, False, 200_000)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=4 * math.sqrt(0.25 / 200_000))


def test_a_drawn_p_is_never_zero_and_counts_the_sample_itself() -> None:
    a = np.full(40, 1.0)
    assert randomisation_test(a, 0 * a, samples=999).p_value == 1 / 1000


def test_drawn_signs_near_the_t_test_on_many_queries() -> None:
    random = np.random.default_rng(6)
    a = random.beta(2, 2, 800)
    b = np.clip(a + 0.1 * random.standard_normal(800) + 0.006, 0, 1)
    assert randomisation_test(a, b).p_value == pytest.approx(paired_t_test(a, b).p_value, abs=0.006)


def test_nothing_differs() -> None:
    for a in ([0.5], [0.5, 0.25, 1.0]):
        test = paired_t_test(a, a)
        assert (test.difference, test.statistic, test.p_value, test.effect_size) == (0, 0, 1, 0)
        assert randomisation_test(a, a).p_value == 1


def test_one_query_says_nothing() -> None:
    assert paired_t_test([0.9], [0.1]).p_value == 1
    assert randomisation_test([0.9], [0.1]).p_value == 1
    assert (tost([0.9], [0.1], margin=0.1).noninferior_p, tost([0.9], [0.1], margin=0.1).equivalent_p) == (1, 1)


def test_every_query_differs_by_the_same() -> None:
    """0.3 - 0.2, 0.5 - 0.4 and 0.7 - 0.6 differ in their last bits only: the deviation is 0, not 1e-17."""
    test = paired_t_test([0.3, 0.5, 0.7], [0.2, 0.4, 0.6])
    assert (test.statistic, test.p_value, test.deviation, test.effect_size) == (math.inf, 0, 0, math.inf)
    assert paired_t_test([0.2, 0.4, 0.6], [0.3, 0.5, 0.7]).statistic == -math.inf
    assert tost([0.2, 0.4, 0.6], [0.3, 0.5, 0.7], margin=0.2).noninferior_p == 0
    assert tost([0.2, 0.4, 0.6], [0.3, 0.5, 0.7], margin=0.05).noninferior_p == 1


def test_rounding_is_no_difference() -> None:
    a = np.array([0.1 + 0.2, 0.7, 1.0])
    assert paired_t_test(a, [0.3, 0.7, 1.0]).p_value == 1


def test_tost_by_hand() -> None:
    """The golden's mean .066667 and error .121106 / sqrt(6) = .049441: against a margin of .1 t is 3.371 and .674 with 5 degrees."""
    test = tost(A, B, margin=0.1)
    assert test.noninferior_p == pytest.approx(student_p((0.4 / 6 + 0.1) / 0.0494413, 5) / 2, rel=1e-5)
    assert test.equivalent_p == pytest.approx(student_p((0.1 - 0.4 / 6) / 0.0494413, 5) / 2, rel=1e-5)
    assert tost(B, A, margin=0.1).noninferior_p == pytest.approx(test.equivalent_p)


def test_a_wider_margin_is_easier() -> None:
    random = np.random.default_rng(3)
    a, b = random.random((2, 50))
    ps = [tost(a, b, margin=margin) for margin in (0.01, 0.05, 0.2, 0.5)]
    assert [p.noninferior_p for p in ps] == sorted([p.noninferior_p for p in ps], reverse=True)
    assert all(p.equivalent_p >= p.noninferior_p for p in ps)


def test_corrections_of_the_conventions() -> None:
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(benjamini_hochberg([0.01, 0.04, 0.03, 0.005]), [0.02, 0.04, 0.04, 0.02])


def test_the_example_of_benjamini_and_hochberg() -> None:
    """Their section 4 of 1995: fifteen p-values; at .05 Bonferroni's way (and Holm's) rejects three hypotheses, theirs four."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert (holm(p) <= 0.05).sum() == 3
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4


@given(PROBABILITIES)
def test_corrections_by_their_definitions(p: Values) -> None:
    m = len(p)
    order = sorted(range(m), key=lambda i: p[i])
    stepped_down = {i: min(1.0, max((m - place) * p[order[place]] for place in range(rank + 1))) for rank, i in enumerate(order)}
    stepped_up = {i: min(1.0, min(m * p[order[place]] / (place + 1) for place in range(rank, m))) for rank, i in enumerate(order)}
    np.testing.assert_allclose(holm(p), [stepped_down[i] for i in range(m)])
    np.testing.assert_allclose(benjamini_hochberg(p), [stepped_up[i] for i in range(m)])


def test_letters() -> None:
    random = np.random.default_rng(1)
    base = random.random(60)
    values = np.stack([base, base + 0.2 + 0.01 * random.random(60), base + 0.01 * random.standard_normal(60), base - 0.3])
    assert letters(values) == ["d", "acd", "d", ""]
    assert letters(values[:1]) == [""]
    assert letters(np.repeat(values[:1], 3, axis=0)) == ["", "", ""]


def test_letters_are_corrected_for_all_pairs() -> None:
    values = np.random.default_rng(12).random((5, 30))
    adjusted = pairwise_p(values)
    raw = [paired_t_test(values[i], values[j]).p_value for i, j in combinations(range(5), 2)]
    np.testing.assert_allclose([adjusted[i, j] for i, j in combinations(range(5), 2)], holm(raw))
    np.testing.assert_allclose(adjusted, adjusted.T)


def test_more_systems_than_letters() -> None:
    assert [letter(place) for place in (0, 25, 26, 51, 52)] == ["a", "z", "A", "Z", "(53)"]


def test_what_cannot_be_used_is_refused() -> None:
    for call in (
        lambda: paired_t_test([], []),
        lambda: paired_t_test([1.0], [1.0, 2.0]),
        lambda: paired_t_test([math.nan], [1.0]),
        lambda: randomisation_test([1.0], [0.0], samples=0),
        lambda: randomisation_test([1.0], [0.0], seed=-1),
        lambda: tost([1.0], [0.0], margin=0.0),
        lambda: tost([1.0], [0.0], margin=math.inf),
        lambda: holm([0.1, 1.2]),
        lambda: benjamini_hochberg([math.nan]),
        lambda: letters([0.1, 0.2]),
    ):
        with pytest.raises(BadValue):
            call()
