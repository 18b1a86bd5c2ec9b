import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError, UnknownName
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


def random_runs(queries: int, *, seed: int) -> tuple[list[Run], dict[str, dict[str, int]]]:
    """Two noisy runs of which each is the better one for some queries."""
    rng = np.random.default_rng(seed)
    scores: list[dict[str, dict[str, float]]] = [{}, {}]
    for query in range(queries):
        for run, noise in zip(scores, rng.permutation([0.7, 1.5]), strict=True):
            run[f"q{query}"] = {f"d{d}": (d == 0) + noise * float(rng.normal()) for d in range(12)}
    return [Run.from_dict(run) for run in scores], {f"q{query}": {"d0": 1} for query in range(queries)}


def test_cross_validation_is_what_tuning_without_the_fold_reaches() -> None:
    runs, qrels = random_runs(23, seed=1)
    tuned = tune_weights(runs, qrels, "RR", folds=4, seed=7)
    assert tuned.held_out is not None
    assert sorted(query for fold in tuned.folds for query in fold.query_ids) == sorted(qrels)
    assert [len(fold.query_ids) for fold in tuned.folds] == [6, 6, 6, 5]
    total = 0.0
    for fold in tuned.folds:
        others = {query: row for query, row in qrels.items() if query not in fold.query_ids}
        assert tune_weights(runs, others, "RR", folds=0).weights == fold.weights
        own = {query: qrels[query] for query in fold.query_ids}
        value = evaluate(fuse(runs, "weighted", weights=fold.weights), own, ["RR"]).mean("RR")
        assert fold.score == pytest.approx(value)
        total += value * len(own)
    assert tuned.held_out == pytest.approx(total / 23)


def test_the_score_that_chose_is_the_higher_one_on_average() -> None:
    both = [tune_weights(*random_runs(20, seed=seed), "RR") for seed in range(8)]
    assert np.mean([tuned.score for tuned in both]) > np.mean([tuned.held_out for tuned in both if tuned.held_out is not None])


def test_folds_and_seeds() -> None:
    runs, qrels = random_runs(20, seed=2)
    assert tune_weights(runs, qrels, "RR", seed=3) == tune_weights(runs, qrels, "RR", seed=3)
    first, second = (tune_weights(runs, qrels, "RR", seed=seed) for seed in (3, 4))
    assert first.folds != second.folds
    assert (first.weights, first.score) == (second.weights, second.score)
    assert tune_weights([GOOD, BAD], QRELS, "RR", folds=6).held_out is None  # five queries
    assert tune_weights([GOOD, BAD], QRELS, "RR", folds=0).folds == ()
    for folds in (1, -2):
        with pytest.raises(BadValue, match="folds"):
            tune_weights([GOOD, BAD], QRELS, "RR", folds=folds)
    with pytest.raises(BadValue, match="seed"):
        tune_weights([GOOD, BAD], QRELS, "RR", seed=-1)
    with pytest.raises(UnknownName, match="policy of weighted"):
        tune_weights([GOOD, BAD], QRELS, "RR", missing="skip")


@pytest.mark.parametrize("grid", [0, -1, 0.3, 2])
def test_a_step_that_does_not_divide_one(grid: float) -> None:
    with pytest.raises(BadValue, match="grid"):
        tune_weights([GOOD, BAD], QRELS, "RR", grid=grid)


def test_no_shared_query() -> None:
    with pytest.raises(DataError, match="share no query"):
        tune_weights([GOOD, BAD], {"elsewhere": {"hit": 1}}, "RR")


def test_judgments_without_a_relevant_document() -> None:
    with pytest.warns(UserWarning, match="RR is 0 for every query and all weights"):
        assert tune_weights([GOOD, BAD], {f"q{i}": {"hit": 0} for i in range(5)}, "RR").weights == (0.5, 0.5)
