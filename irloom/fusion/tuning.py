"""The weights of a weighted fusion, found on train judgments; never on those that are reported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.eval.evaluate import evaluate
from irloom.eval.measures.base import Measure
from irloom.fusion.align import align
from irloom.fusion.scoring import normalised

Weights = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TunedWeights:
    """The best weights of a grid.

    Attributes:
        weights: one per run; they add up to 1.
        score: the mean of the measure that they reach on the train judgments.
        grid: each weights that was tried -> its score, so that a reader sees how sharp the choice is.
    """

    weights: Weights
    score: float
    grid: Mapping[Weights, float]


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

    Raises:
        BadValue: there is no run, or the step is not 1 over a whole number.
        UnknownName: a normaliser, the policy or the measure is unknown.
        DataError: the runs and the judgments share no query, or a score is infinite.
    """
    step = grid if grid is not None else {1: 1.0, 2: 0.05, 3: 0.1}.get(len(runs), 0.2)
    parts = round(1 / step) if 0 < step <= 1 else 0
    if not parts or abs(parts * step - 1) > 1e-6:
        raise BadValue("grid", step, "1 over a whole number, such as 0.05")
    aligned = align([run if depth is None else run.cut(depth) for run in runs])
    columns = np.stack(normalised(aligned, normalise=normalise, missing=missing))
    table: dict[Weights, float] = {}
    for counts in _compositions(parts, len(runs)):
        weights = tuple(count / parts for count in counts)
        fused = aligned.to_run(np.asarray(weights) @ columns)
        table[weights] = evaluate(fused, qrels, [measure], min_grade=min_grade).mean(measure)
    best = max(table, key=lambda weights: (table[weights], -max(weights)))
    return TunedWeights(best, table[best], table)


def _compositions(whole: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to split `whole` into `parts` ordered counts from 0 up."""
    if parts == 1:
        yield (whole,)
        return
    for first in range(whole + 1):
        for rest in _compositions(whole - first, parts - 1):
            yield (first, *rest)
