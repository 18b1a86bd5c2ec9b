"""The position-based model's estimate on clicks that were drawn from known propensities."""

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.data.click_log import ClickLog, count_clicks
from irloom.eval.propensities import estimate_propensities

TRUE = {rank: 1 / rank for rank in range(1, 6)}


def simulated(*, seed: int, queries: int = 60, sessions: int = 400, exact: bool = False) -> tuple[ClickLog, dict[tuple[str, str], float]]:
    """Clicks of the position-based model: each query has five documents, shown in an order that changes from session to session.

    With `exact`, clicks are their expectation, so that the estimate has nothing to excuse it.
    """
    random = np.random.default_rng(seed)
    counts: dict[tuple[str, str, int], list[float]] = {}
    attraction = {(f"q{query}", f"d{doc}"): float(random.uniform(0.05, 0.95)) for query in range(queries) for doc in range(5)}
    for query in range(queries):
        for _ in range(sessions):
            for rank, doc in enumerate(random.permutation(5).tolist(), 1):
                chance = TRUE[rank] * attraction[f"q{query}", f"d{doc}"]
                count = counts.setdefault((f"q{query}", f"d{doc}", rank), [0, 0])
                count[0] += 1
                count[1] += chance if exact else float(random.random() < chance)
    if exact:  # in millions, so that the expectations are whole
        counts = {key: [round(shown * 1e6), round(clicked * 1e6)] for key, (shown, clicked) in counts.items()}
    return count_clicks({key: (int(shown), int(clicked)) for key, (shown, clicked) in counts.items()}), attraction


def test_expected_clicks_give_the_propensities_back() -> None:
    log, _ = simulated(seed=1, queries=10, sessions=20, exact=True)
    found = estimate_propensities(log)
    assert found.converged
    assert found.propensities == pytest.approx(TRUE, abs=1e-4)


def test_simulated_clicks_give_the_propensities_back() -> None:
    """24,000 impressions a rank: the standard error of a click rate is at most 0.0033."""
    log, _ = simulated(seed=2)
    assert estimate_propensities(log).propensities == pytest.approx(TRUE, abs=0.02)


def test_sparse_logs() -> None:
    """A document has four impressions, mostly at different ranks. Fitting each document's attraction by itself would give rank 2 0.595 and
    rank 3 0.404 here; comparing ranks two by two stays within its noise.
    """
    log, _ = simulated(seed=4, queries=3000, sessions=4)
    assert estimate_propensities(log).propensities == pytest.approx(TRUE, abs=0.04)


def test_worked_by_hand() -> None:
    """One document at ranks 1 and 2, clicked in 40 of 100 and in 10 of 100 impressions: the propensities are as 4 to 1."""
    log = count_clicks({("q", "d", 1): (100, 40), ("q", "d", 2): (100, 10)})
    assert estimate_propensities(log).propensities == pytest.approx({1: 1.0, 2: 0.25}, abs=1e-5)


def test_documents_weigh_as_often_as_they_were_moved() -> None:
    """a: 100 and 100 impressions weigh 50, of which 20 and 5 were clicked; b: 30 and 60 weigh 20, of which 10 and 10 were clicked.
    Rank 2 has 15 clicks where rank 1 has 30: one half.
    """
    log = count_clicks({("q", "a", 1): (100, 40), ("q", "a", 2): (100, 10), ("q", "b", 1): (30, 15), ("q", "b", 2): (60, 30)})
    assert estimate_propensities(log).propensities == pytest.approx({1: 1.0, 2: 0.5}, abs=1e-5)


def test_one_rank() -> None:
    assert estimate_propensities(count_clicks({("q", "a", 3): (100, 40)})).propensities == {3: 1.0}


def test_links_over_other_ranks() -> None:
    """Ranks 1 and 3 meet over rank 2: 0.4 to 0.2, and 0.3 to 0.15."""
    log = count_clicks({("q", "a", 1): (100, 40), ("q", "a", 2): (100, 20), ("q", "b", 2): (100, 30), ("q", "b", 3): (100, 15)})
    assert estimate_propensities(log).propensities == pytest.approx({1: 1.0, 2: 0.5, 3: 0.25}, abs=1e-4)


def test_a_rank_that_was_never_clicked_has_none() -> None:
    log = count_clicks({("q", "a", 1): (100, 40), ("q", "a", 2): (100, 0)})
    assert estimate_propensities(log).propensities == pytest.approx({1: 1.0, 2: 0.0}, abs=1e-4)


def test_what_cannot_be_told() -> None:
    apart = count_clicks({("q", "a", 1): (9, 3), ("q", "b", 2): (9, 3), ("q", "c", 2): (9, 3), ("q", "c", 4): (9, 3)})
    with pytest.raises(DataError, match=r"rank 2, 4 cannot be compared with rank 1"):
        estimate_propensities(apart)
    with pytest.raises(DataError, match="rank 2 cannot"):  # shown at both, and never clicked
        estimate_propensities(count_clicks({("q", "a", 1): (9, 3), ("q", "b", 1): (9, 0), ("q", "b", 2): (9, 0)}))
    with pytest.raises(DataError, match="none of the log's 9 impressions"):
        estimate_propensities(count_clicks({("q", "a", 1): (9, 0)}))
    with pytest.raises(BadValue, match="iterations"):
        estimate_propensities(apart, iterations=0)


def test_it_says_where_it_stopped() -> None:
    log, _ = simulated(seed=3, queries=5, sessions=20)
    found = estimate_propensities(log, iterations=3)
    assert (found.converged, found.iterations) == (False, 3)
