import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.eval.power import detectable_difference, power
from irloom.eval.significance import paired_t_test


def test_the_usual_sample_sizes() -> None:
    """The sizes that give a power of .8 at a two-sided .05 in every table of the paired test: d = .2: 199, .5: 34, .8: 15."""
    for effect, queries in [(0.2, 199), (0.5, 34), (0.8, 15)]:
        assert power(effect, 1.0, queries=queries) >= 0.8 > power(effect, 1.0, queries=queries - 1)


def test_without_a_difference_the_power_is_the_level() -> None:
    for queries in (2, 10, 300):
        assert power(0.0, 0.3, queries=queries) == pytest.approx(0.05, rel=1e-6)


def test_it_is_found_as_often_as_promised() -> None:
    random = np.random.default_rng(17)
    a, b = random.normal(0.5, 0.2, (2, 40))
    least = detectable_difference(a, b)
    assert least is not None
    deviation = paired_t_test(a, b).deviation
    found = sum(paired_t_test(random.normal(least, deviation, 40), np.zeros(40)).p_value < 0.05 for _ in range(2000))
    assert found / 2000 == pytest.approx(0.8, abs=4 * (0.8 * 0.2 / 2000) ** 0.5)


def test_forty_three_queries_detect_what_the_conventions_say() -> None:
    """'43-54 query sets detect only about .03-.05 nDCG': with deviations of .08 to .11, usual between two good systems of TREC DL."""
    alternating = np.where(np.arange(43) % 2, 0.1, -0.1)
    least = detectable_difference(alternating, 0 * alternating)
    assert least is not None
    assert 0.03 < least < 0.05


def test_degenerate() -> None:
    assert detectable_difference([0.4], [0.5]) is None
    assert detectable_difference([0.4, 0.5], [0.4, 0.5]) is None
    two = detectable_difference([0.1, 0.9], [0.5, 0.5])
    assert two is not None
    assert two > 0.8


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(BadValue):
        power(0.1, 0.0, queries=10)
    with pytest.raises(BadValue):
        power(0.1, 1.0, queries=1)
    with pytest.raises(BadValue):
        detectable_difference([0.1, 0.2], [0.2, 0.2], chance=0.01)
