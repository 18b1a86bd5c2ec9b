"""A run and judgments to one value per query and measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.eval.judged import judge
from irloom.eval.measures.base import Measure
from irloom.eval.measures.parse import parse_measure


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run is worth, query by query.

    Attributes:
        query_ids: the judged queries, q of them, in the judgments' order.
        values: measure as it prints -> float64 (q,); a query that the run lacks has 0.
        missing: how many judged queries the run lacks.
        ignored: how many queries of the run are not judged; they do not count.
    """

    query_ids: tuple[str, ...]
    values: Mapping[str, NDArray[np.float64]]
    missing: int
    ignored: int

    def mean(self, measure: str | Measure) -> float:
        """The mean over the judged queries.

        Raises:
            UnknownName: the measure was not evaluated.
        """
        if str(measure) not in self.values:
            raise UnknownName("measure of this evaluation", str(measure), self.values)
        return float(self.values[str(measure)].mean())


def evaluate(run: Run, qrels: Qrels, measures: Sequence[str | Measure], *, min_grade: int = 1) -> Evaluation:
    """Evaluates a run; its order is the truth, and the mean is over the queries of the judgments.

    Args:
        run: rankings by query.
        qrels: grades by query, then document.
        measures: measures or their spellings.
        min_grade: the lowest grade that is relevant to a binary measure that names none itself, 1 or more.

    Raises:
        UnknownName: a measure is unknown.
        BadValue: `min_grade` is below 1.
        DataError: the run and the judgments share no query.

    >>> run = Run.from_dict({"q1": {"a": 2.0, "b": 1.0}})
    >>> evaluate(run, {"q1": {"b": 1}, "q2": {"a": 1}}, ["RR@10"]).mean("RR@10")
    0.25
    """
    if min_grade < 1:
        raise BadValue("min_grade", min_grade, "1 or more")
    parsed = [parse_measure(measure) if isinstance(measure, str) else measure for measure in measures]
    judged = judge(run, qrels)
    values = {str(measure): measure.per_query(judged, min_grade=min_grade) for measure in parsed}
    return Evaluation(judged.query_ids, values, judged.missing, judged.ignored)
