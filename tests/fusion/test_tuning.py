import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.fusion.fuse import fuse
from irloom.fusion.tuning import tune_weights

GOOD = Run.from_dict({f"q{i}": {"hit": 2.0, "miss": 1.0, "other": 0.0} for i in range(5)})
BAD = Run.from_dict({f"q{i}": {"miss": 2.0, "other": 1.0, "hit": 0.0} for i in range(5)})
QRELS = {f"q{i}": {"hit": 1} for i in range(5)}


def test_the_good_run_wins_and_of_equal_scores_the_most_even() -> None:
    # min-max: hit = w, miss = .5 w + (1 - w), other = .5 (1 - w): hit leads from w > 2/3 on, so .7 is the most even best
    tuned = tune_weights([GOOD, BAD], QRELS, "RR@10")
    assert tuned.weights == (0.7, 0.3)
    assert tuned.score == 1.0
    assert len(tuned.grid) == 21
    assert tuned.grid[1.0, 0.0] == 1.0
    assert tuned.grid[0.0, 1.0] == pytest.approx(1 / 3)


def test_the_scores_are_those_of_the_fused_runs() -> None:
    tuned = tune_weights([GOOD, BAD], QRELS, "nDCG@2", grid=0.25, normalise="rank", missing="min")
    for weights, score in tuned.grid.items():
        fused = fuse([GOOD, BAD], "weighted", weights=weights, normalise="rank", missing="min")
        assert score == pytest.approx(evaluate(fused, QRELS, ["nDCG@2"]).mean("nDCG@2"))


def test_three_runs_and_one() -> None:
    tuned = tune_weights([GOOD, BAD, GOOD], QRELS, "RR")
    assert len(tuned.grid) == 66  # (10 + 2) choose 2
    assert all(sum(weights) == pytest.approx(1) for weights in tuned.grid)
    assert (0.0, 0.0, 1.0) in tuned.grid
    assert tune_weights([BAD], QRELS, "RR").grid == {(1.0,): pytest.approx(1 / 3)}


@pytest.mark.parametrize("grid", [0, -1, 0.3, 2])
def test_a_step_that_does_not_divide_one(grid: float) -> None:
    with pytest.raises(BadValue, match="grid"):
        tune_weights([GOOD, BAD], QRELS, "RR", grid=grid)


def test_no_shared_query() -> None:
    with pytest.raises(DataError, match="share no query"):
        tune_weights([GOOD, BAD], {"elsewhere": {"hit": 1}}, "RR")
