import math

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.data.click_log import count_clicks
from irloom.eval.clicks import judge_clicks
from irloom.eval.propensities import estimate_propensities
from tests.eval.test_propensities import TRUE, simulated


def test_worked_by_hand() -> None:
    """a: (20 / 1 + 5 / 0.5) clicks of 100 impressions are 0.3; b: 0 of 10; c was shown nine times."""
    log = count_clicks({("q", "a", 1): (50, 20), ("q", "a", 2): (50, 5), ("q", "b", 2): (10, 0), ("q", "c", 1): (9, 9)})
    found = judge_clicks(log, {1: 1.0, 2: 0.5}, thresholds=(0.1, 0.3, 0.6))
    assert found.qrels == {"q": {"a": 2, "b": 0}}
    assert found.attraction[:2].tolist() == [pytest.approx(0.3), 0.0]
    assert math.isnan(found.attraction[2])
    assert (found.kept, found.left_out) == (2, 1)


def test_the_position_is_taken_out() -> None:
    """Both have the attraction 0.4; what stood at the second rank was clicked half as often."""
    log = count_clicks({("q", "up", 1): (100, 40), ("q", "down", 2): (100, 20)})
    assert judge_clicks(log, {1: 1.0, 2: 0.5}, thresholds=(0.35,)).qrels == {"q": {"up": 1, "down": 1}}


def test_simulated_attraction_is_recovered() -> None:
    """400 impressions a pair: estimate and truth differ by their noise, 0.04 or so, with propensities given or estimated."""
    log, attraction = simulated(seed=5)
    truth = np.array([attraction[pair] for pair in log.pairs])
    given = judge_clicks(log, TRUE).attraction
    estimated = judge_clicks(log, estimate_propensities(log).propensities).attraction
    assert np.corrcoef(given, truth)[0, 1] > 0.97
    assert np.corrcoef(estimated, truth)[0, 1] > 0.97
    assert abs(float(np.mean(given - truth))) < 0.01
    naive = judge_clicks(log, dict.fromkeys(TRUE, 1.0)).attraction
    assert float(np.mean(naive - truth)) < -0.2  # clicks alone take a low rank for a bad document


def test_ranks_below_the_floor_do_not_count() -> None:
    """One click at a rank that hardly anyone looks at would be an attraction of 0.5; without it there are 20 impressions, 2 clicks."""
    log = count_clicks({("q", "a", 1): (20, 2), ("q", "a", 9): (80, 1)})
    found = judge_clicks(log, {1: 1.0, 9: 0.001}, thresholds=(0.2,))
    assert found.attraction.tolist() == [pytest.approx(0.1)]
    assert judge_clicks(log, {1: 1.0, 9: 0.0}, floor=0).attraction.tolist() == [pytest.approx(0.1)]


@pytest.mark.parametrize("thresholds", [(), (0.0,), (0.3, 0.3), (0.3, 0.1), (float("nan"),)])
def test_bad_thresholds(thresholds: tuple[float, ...]) -> None:
    with pytest.raises(BadValue, match="thresholds"):
        judge_clicks(count_clicks({("q", "a", 1): (20, 2)}), {1: 1.0}, thresholds=thresholds)


def test_refused() -> None:
    log = count_clicks({("q", "a", 1): (20, 2), ("q", "a", 2): (20, 2)})
    with pytest.raises(DataError, match="rank 2 of the log has no propensity"):
        judge_clicks(log, {1: 1.0})
    with pytest.raises(BadValue, match="propensity of rank 2"):
        judge_clicks(log, {1: 1.0, 2: -1.0})
    with pytest.raises(DataError, match="shown 50 times; the most is 40"):
        judge_clicks(log, {1: 1.0, 2: 0.5}, min_impressions=50)
    with pytest.raises(BadValue, match="min_impressions"):
        judge_clicks(log, {1: 1.0, 2: 0.5}, min_impressions=0)
    with pytest.raises(BadValue, match="floor"):
        judge_clicks(log, {1: 1.0, 2: 0.5}, floor=-1)
