"""The weights of a weighted fusion, found on train judgments; never on those that are reported."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.eval.evaluate import evaluate
from irloom.eval.measures.base import Measure
from irloom.fusion.align import Aligned, align
from irloom.fusion.fused_run import fused_run
from irloom.fusion.methods import METHODS
from irloom.fusion.scoring import check_missing, normalised, weighted_sum

Weights = tuple[float, ...]
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Fold:
    """One part of the queries, judged by weights that were found on the others.

    Attributes:
        query_ids: the part's queries.
        weights: the best ones of the other parts.
        score: the mean of the measure that they reach on the part.
    """

    query_ids: tuple[str, ...]
    weights: Weights
    score: float


@dataclass(frozen=True, slots=True)
class TunedWeights:
    """The best weights of a grid.

    Attributes:
        weights: one per run; they add up to 1.
        score: the mean of the measure that they reach on the very judgments that chose them: too high for a promise.
        grid: each weights that was tried -> its score, so that a reader sees how sharp the choice is.
        held_out: the mean over all queries when each is judged by weights found without its fold; None where there are too few queries.
        folds: the parts behind `held_out`.
    """

    weights: Weights
    score: float
    grid: Mapping[Weights, float]
    held_out: float | None = None
    folds: tuple[Fold, ...] = ()


def tune_weights(
    runs: Sequence[Run],
    qrels: Qrels,
    measure: str | Measure,
    *,
    grid: float | None = None,
    normalise: str | Sequence[str] = "minmax",
    missing: str = "zero",
    depth: int | None = None,
    min_grade: int = 1,
    folds: int = FOLDS,
    seed: int = 0,
) -> TunedWeights:
    """Tries every weights on a grid whose entries add up to 1, each run alone among them; of equal scores the most even weights win.

    Args:
        runs: the components' runs on the train queries, one or more.
        qrels: train judgments.
        measure: what is to be high.
        grid: the step of the grid, 1 over a whole number; None for 0.05 with two runs, 0.1 with three, 0.2 with more.
        normalise: as in `fuse`.
        missing: as in `fuse`.
        depth: how many documents of each ranking count; None for all.
        min_grade: the lowest relevant grade, 1 or more.
        folds: into how many parts the queries are split to score the tuning itself, 2 or more; 0 for no such score.
        seed: of the split, 0 or more.

    Raises:
        BadValue: there is no run, the step is not 1 over a whole number, or `folds` or `seed` is out of its range.
        UnknownName: a normaliser, the policy or the measure is unknown.
        DataError: the runs and the judgments share no query, or a score is infinite.
    """
    if folds != 0 and folds < 2:
        raise BadValue("folds", folds, "2 or more, or 0 for none")
    if seed < 0:
        raise BadValue("seed", seed, "0 or more")
    check_missing(missing, METHODS["weighted"].policies, method="weighted")
    aligned = align([run if depth is None else run.cut(depth) for run in runs])
    columns = normalised(aligned, normalise=normalise, missing=missing)
    tried = _grid(grid, len(runs))
    query_ids, values = _values(aligned, columns, tried, qrels, measure, min_grade)
    if not values.any():
        warnings.warn(f"{measure} is 0 for every query and all weights, so that it says nothing of them", UserWarning, stacklevel=2)
    best = _best(tried, values)
    table = dict(zip(tried, values.mean(axis=1).tolist(), strict=True))
    parts = _cross_validated(tried, query_ids, values, folds, seed) if folds and len(query_ids) >= folds else ()
    held_out = sum(part.score * len(part.query_ids) for part in parts) / len(query_ids) if parts else None
    return TunedWeights(tried[best], table[tried[best]], table, held_out, parts)


def _grid(grid: float | None, runs: int) -> list[Weights]:
    """Every weights whose entries are multiples of the step and add up to 1."""
    step = grid if grid is not None else {1: 1.0, 2: 0.05, 3: 0.1}.get(runs, 0.2)
    parts = round(1 / step) if 0 < step <= 1 else 0
    if not parts or abs(parts * step - 1) > 1e-6:
        raise BadValue("grid", step, "1 over a whole number, such as 0.05")
    return [tuple(count / parts for count in counts) for counts in _compositions(parts, runs)]


def _values(
    aligned: Aligned, columns: NDArray[np.float64], tried: Sequence[Weights], qrels: Qrels, measure: str | Measure, min_grade: int
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The judged queries, and the measure of each weights for each of them, float64 (weights, queries)."""
    evaluations = [
        evaluate(fused_run([(aligned, weighted_sum(columns, weights))]), qrels, [measure], min_grade=min_grade) for weights in tried
    ]
    values = np.stack([next(iter(evaluation.values.values())) for evaluation in evaluations])
    return evaluations[0].query_ids, values


def _best(tried: Sequence[Weights], values: NDArray[np.float64]) -> int:
    """The row of the highest mean; of equal ones, that of the most even weights."""
    means = values.mean(axis=1)
    return max(range(len(tried)), key=lambda row: (means[row], -max(tried[row])))


def _cross_validated(
    tried: Sequence[Weights], query_ids: Sequence[str], values: NDArray[np.float64], folds: int, seed: int
) -> tuple[Fold, ...]:
    """The queries in `folds` random parts, each judged by the weights that are best on the others."""
    parts = []
    for part in np.array_split(np.random.default_rng(seed).permutation(len(query_ids)), folds):
        own = np.sort(part)
        chosen = _best(tried, np.delete(values, own, axis=1))
        parts.append(Fold(tuple(query_ids[row] for row in own.tolist()), tried[chosen], float(values[chosen, own].mean())))
    return tuple(parts)


def _compositions(whole: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to split `whole` into `parts` ordered counts from 0 up."""
    if parts == 1:
        yield (whole,)
        return
    for first in range(whole + 1):
        for rest in _compositions(whole - first, parts - 1):
            yield (first, *rest)
