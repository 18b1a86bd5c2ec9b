"""ranx: a run as its Run, judgments as its Qrels."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.optional import require
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Qrels

if TYPE_CHECKING:
    import ranx

_STEP = 2.0**-22


def run_to_ranx(run: Run, *, name: str = "irloom") -> "ranx.Run":
    """A run as ranx.Run in the same order; a query without hits keeps its key.

    ranx sorts again and settles equal scores by chance, so each of equal scores, and each that is greater than one above it, is lowered
    to just below its predecessor. The step is so small that equal scores are equal again once they are float32.

    Raises:
        MissingExtra: ranx is not installed.
    """
    library = require("ranx", extra="convert", purpose="ranx's form of runs")
    rows = {query_id: dict(zip(ranking.doc_ids, _falling(ranking.scores), strict=True)) for query_id, ranking in run.items()}
    converted: ranx.Run = library.Run(rows, name=name) if len(run.docs) else _without_hits(library.Run(name=name), rows)
    return converted


def run_from_ranx(run: "ranx.Run") -> Run:
    """The run of a ranx.Run, in ranx's own order where ranx has sorted it; scores become float32.

    Raises:
        DataError: a score is NaN.
    """
    rows = {str(query_id): {str(doc_id): float(score) for doc_id, score in run.run[query_id].items()} for query_id in run.run}
    if not run.sorted:
        return Run.from_dict(rows)
    return Run.from_rankings({query_id: Ranking(list(row), np.array(list(row.values()), np.float32)) for query_id, row in rows.items()})


def qrels_to_ranx(qrels: Qrels, *, name: str = "irloom") -> "ranx.Qrels":
    """Judgments as ranx.Qrels; a query without judgments is left out.

    Raises:
        MissingExtra: ranx is not installed.
    """
    library = require("ranx", extra="convert", purpose="ranx's form of judgments")
    rows = {query_id: dict(judged) for query_id, judged in qrels.items() if judged}
    converted: ranx.Qrels = library.Qrels(rows or None, name=name)
    return converted


def qrels_from_ranx(qrels: "ranx.Qrels") -> dict[str, dict[str, int]]:
    """The judgments of a ranx.Qrels."""
    return {str(query_id): {str(doc_id): int(grade) for doc_id, grade in qrels.qrels[query_id].items()} for query_id in qrels.qrels}


def _falling(scores: NDArray[np.float32]) -> list[float]:
    """The scores, each below the one before it, by steps that float32 does not see."""
    low = np.minimum.accumulate(scores) if len(scores) else scores
    first = np.flatnonzero(np.concatenate([[True], low[1:] != low[:-1]])) if len(low) else np.empty(0, np.int64)
    place = np.arange(len(low)) - np.repeat(first, np.diff(first, append=len(low)))
    step = np.where(np.isfinite(low), np.spacing(np.abs(np.where(np.isfinite(low), low, 0))), 0).astype(np.float64) * _STEP
    falling: list[float] = (low.astype(np.float64) - place * step).tolist()
    return falling


def _without_hits(run: Any, query_ids: Any) -> Any:
    """Puts queries without hits into a Run one by one: ranx makes none of queries that are all without."""
    empty = require("ranx.data_structures.generic", extra="convert").create_empty_results_dict
    for query_id in query_ids:
        run.run[query_id] = empty()
    run.sorted = True
    return run
