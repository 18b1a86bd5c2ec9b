"""Diagnosis: why a system lost, query by query, from the runs of its stages and the judgments."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.core.types import Json, Qrels
from irloom.eval.document_ranks import document_ranks
from irloom.eval.evaluate import evaluate
from irloom.eval.fates import FATES, Flow, RelevantDocument, losses, trace
from irloom.eval.measures.base import Measure
from irloom.eval.measures.judged import Judged
from irloom.eval.measures.parse import parse_measure
from irloom.eval.measures.recall import R
from irloom.eval.shown import look_at
from irloom.eval.suspects import Suspect, SuspectRule
from irloom.text.minhash import NearDuplicate, by_document

CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "missed": "no stage found relevant documents that the cut had room for",
        "unread": "relevant documents were found, but below the depth that the next stage reads",
        "demoted": "a later stage put relevant documents out of the cut, with lesser ones in it",
        "low": "relevant documents were found, and no stage brought them within the cut",
        "empty": "the run has no document for the query",
        "no_relevant": "no document is judged relevant, so that no run can score",
        "holes": "documents within the cut have no judgment",
        "false_negatives": "unjudged documents that are likely to be relevant",
        "near_duplicates": "documents within the cut that are nearly the same",
    }
)
"""What can be said of a query, in the order in which it is said."""

DEFAULT_CUT = 10
"""The cut where the measure has none."""

_LEAST = 1e-9
"""A query that is nearer to its best value than this has lost nothing."""


@dataclass(frozen=True, slots=True)
class StageRun:
    """What one stage of a system gave.

    Attributes:
        name: of the stage.
        run: its rankings.
        seconds: that it took for all queries; NaN where no one measured.
        inputs: the places, among the stages, of those whose runs it takes; None for the one before it, none for the first. The
            components of a fusion have `()`, and the fusion all of them.
        read: how many documents of each of this run's rankings the stage after it reads; None for all.
        reranks: whether it is a reranker, which gives the documents of the stage before it in another order.
    """

    name: str
    run: Run
    seconds: float
    inputs: tuple[int, ...] | None = None
    read: int | None = None
    reranks: bool = False


@dataclass(frozen=True, slots=True)
class StageCeiling:
    """How good the stages after this one can be at most.

    Attributes:
        stage: its name.
        depth: how many documents of a ranking are handed on: the longest ranking's length, or what the next stage reads of it.
        recall: the share of the relevant documents among them, in the mean over the judged queries.
        best: the measure's mean if they were in the best order.
        seconds: that the stage took for all queries; NaN where no one measured.
    """

    stage: str
    depth: int
    recall: float
    best: float
    seconds: float


@dataclass(frozen=True, slots=True)
class QueryDiagnosis:
    """Why one query has its value.

    Attributes:
        query_id: the query.
        value: of the measure.
        causes: names out of `CAUSES`, in their order.
        relevant: the relevant documents with their ranks and fates, the best grade first.
        holes: the unjudged documents within the cut, best first.
        suspects: the likely false negatives.
        duplicates: near-duplicates within the cut.
    """

    query_id: str
    value: float
    causes: tuple[str, ...]
    relevant: tuple[RelevantDocument, ...]
    holes: tuple[str, ...]
    suspects: tuple[Suspect, ...]
    duplicates: tuple[NearDuplicate, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a system has its mean.

    Attributes:
        measure: as it prints.
        cut: within which a document counts as shown.
        min_grade: the least grade that is relevant.
        rule: what makes a likely false negative.
        ceilings: by stage, in the stages' order.
        queries: the judged queries, in the judgments' order.
        counts: how many queries each cause holds for; every cause has its key.
        documents: how many relevant documents met each fate; every fate has its key.
        judged: the share of the documents within the cut that have a judgment, in the mean over the judged queries.
    """

    measure: str
    cut: int
    min_grade: int
    rule: SuspectRule
    ceilings: tuple[StageCeiling, ...]
    queries: tuple[QueryDiagnosis, ...]
    counts: Mapping[str, int]
    documents: Mapping[str, int]
    judged: float

    def worst(self, count: int) -> tuple[QueryDiagnosis, ...]:
        """The queries of the lowest value; among equals the one with more causes, then the judgments' order."""
        return tuple(sorted(self.queries, key=lambda query: (query.value, -len(query.causes)))[:count])

    def best(self, count: int) -> tuple[QueryDiagnosis, ...]:
        """The queries of the highest value; among equals the one with fewer causes, then the judgments' order."""
        return tuple(sorted(self.queries, key=lambda query: (-query.value, len(query.causes)))[:count])

    def to_json(self) -> dict[str, Json]:
        """Plain data: ceilings, counts, and the causes of each query that has any; without texts and ranks, so that it stays small."""
        return {
            "measure": self.measure,
            "cut": self.cut,
            "min_grade": self.min_grade,
            "false_negatives": {"within": self.rule.within, "top": self.rule.top, "systems": self.rule.systems},
            "judged": self.judged,
            "ceilings": [
                {
                    "stage": stage.stage,
                    "depth": stage.depth,
                    "recall": stage.recall,
                    "best": stage.best,
                    "seconds": None if math.isnan(stage.seconds) else stage.seconds,
                }
                for stage in self.ceilings
            ],
            "counts": dict(self.counts),
            "documents": dict(self.documents),
            "queries": {query.query_id: list(query.causes) for query in self.queries if query.causes},
        }


def diagnose(
    stages: Sequence[StageRun],
    qrels: Qrels,
    *,
    measure: str | Measure = "nDCG@10",
    min_grade: int = 1,
    duplicates: Sequence[NearDuplicate] | None = None,
    peers: Sequence[Run] = (),
    rule: SuspectRule | None = None,
) -> Diagnosis:
    """Says of each judged query why the last stage's run has its value, and of each stage how good the later ones can be.

    Args:
        stages: what each stage gave, in order; the last one's run is the system's.
        qrels: grades by query, then document.
        measure: what counts; its cut is the cut of the diagnosis, 10 where it has none.
        min_grade: the lowest grade that is relevant where the measure names none, 1 or more.
        duplicates: near-duplicates among the documents shown and judged relevant, or None where they were not looked for.
        peers: independent systems' runs of the same queries, which help to find likely false negatives; runs that have the same first
            `within` documents for every query have one vote.
        rule: what makes a likely false negative; None for `SuspectRule(within=cut)`.

    Raises:
        BadValue: there is no stage, one takes the run of a stage that does not stand before it, or `min_grade` is below 1.
        UnknownName: the measure is unknown.
        DataError: the last stage's run and the judgments share no query.

    >>> first = Run.from_dict({"q": {"a": 2.0, "b": 1.0}})
    >>> diagnosis = diagnose([StageRun("BM25", first, 0.1)], {"q": {"a": 0, "b": 0, "c": 1}})
    >>> diagnosis.queries[0].causes, diagnosis.ceilings[0].recall
    (('missed',), 0.0)
    """
    parsed = parse_measure(measure) if isinstance(measure, str) else measure
    cut, grade = parsed.cut or DEFAULT_CUT, parsed.rel or min_grade
    rule, flow = rule or SuspectRule(within=cut), _flow(stages, cut)
    run = stages[-1].run
    gaining = {query_id: {doc_id: given for doc_id, given in row.items() if given > 0} for query_id, row in qrels.items()}
    ranks = [document_ranks(stage.run, gaining) for stage in stages]
    measured = _Measured(parsed, qrels, min_grade)
    voters = (*peers, *(stage.run for stage, taken in zip(stages, flow.inputs, strict=True) if len(taken) < 2))
    views = look_at(run, voters, qrels, rule=rule, cut=cut, min_grade=grade, similar=by_document(duplicates or ()))
    queries = []
    for (query_id, row), value, ideal, view in zip(qrels.items(), measured(run), measured(_by_grade(gaining)), views, strict=True):
        relevant = {doc_id: given for doc_id, given in row.items() if given >= grade}
        documents = trace(relevant, [found[query_id] for found in ranks], flow)
        lost = losses(documents, cut=cut, least=view.least) if value < ideal - _LEAST else set()
        causes = tuple(cause for cause in CAUSES if cause in lost or cause in view.causes or (cause == "no_relevant" and not relevant))
        queries.append(QueryDiagnosis(query_id, value, causes, documents, view.holes, view.suspects, view.duplicates))
    return Diagnosis(
        measure=str(parsed),
        cut=cut,
        min_grade=grade,
        rule=rule,
        ceilings=tuple(_ceiling(stage, found, gaining, measured, grade) for stage, found in zip(stages, ranks, strict=True)),
        queries=tuple(queries),
        counts={cause: sum(cause in query.causes for query in queries) for cause in CAUSES},
        documents={fate: sum(document.fate == fate for query in queries for document in query.relevant) for fate in FATES},
        judged=evaluate(run, qrels, [Judged(cut)]).mean(Judged(cut)),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """Values of one measure, query by query."""

    measure: Measure
    qrels: Qrels
    min_grade: int

    def __call__(self, run: Run) -> list[float]:
        values: list[float] = evaluate(run, self.qrels, [self.measure], min_grade=self.min_grade).values[str(self.measure)].tolist()
        return values


def _flow(stages: Sequence[StageRun], cut: int) -> Flow:
    if not stages:
        raise BadValue("stages", [], "at least one stage")
    inputs = []
    for place, stage in enumerate(stages):
        taken = stage.inputs if stage.inputs is not None else (place - 1,) * (place > 0)
        if any(not 0 <= source < place for source in taken):
            raise BadValue(f"inputs of stage {stage.name!r}", taken, f"places of stages before it, which stands at {place}")
        inputs.append(taken)
    return Flow(tuple(inputs), tuple(stage.read for stage in stages), cut)


def _by_grade(grades: Mapping[str, Mapping[str, int]]) -> Run:
    """The best order of judged documents; a query without any keeps its key."""
    return Run.from_dict({query_id: {doc_id: float(grade) for doc_id, grade in row.items()} for query_id, row in grades.items()})


def _ceiling(
    stage: StageRun, ranks: Mapping[str, Mapping[str, int]], gaining: Mapping[str, Mapping[str, int]], measured: _Measured, min_grade: int
) -> StageCeiling:
    longest = int(np.diff(stage.run.offsets).max(initial=0))
    depth = longest if stage.read is None else min(stage.read, longest)
    held = {
        query_id: {doc_id: grade for doc_id, grade in row.items() if ranks[query_id].get(doc_id, depth + 1) <= depth}
        for query_id, row in gaining.items()
    }
    best = _by_grade(held)
    recall = evaluate(best, measured.qrels, [R(rel=min_grade)]).mean(R(rel=min_grade))
    return StageCeiling(stage.name, depth, recall, statistics.fmean(measured(best)), stage.seconds)
