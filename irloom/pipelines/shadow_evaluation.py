"""Two parts of a collection asked the same queries: how alike they rank, and how good each is where judgments are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Encoder
from irloom.core.errors import BadValue
from irloom.core.files import Progress
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Json, Query
from irloom.eval.bootstrap import Interval, mean_interval
from irloom.eval.comparison import Change, adjusted, changes_of, paired_values
from irloom.eval.evaluate import evaluate
from irloom.eval.gates import Gate, GateResult, parse_gate
from irloom.eval.measures.parse import parse_measure
from irloom.eval.run_similarity import run_similarity
from irloom.eval.self_hits import without_self_hits
from irloom.indexing.collection import Collection
from irloom.pipelines.comparing import DEFAULT_MEASURES
from irloom.pipelines.judgments import Judgments, open_judgments
from irloom.pipelines.notices import check_queries
from irloom.pipelines.retrieving import asked_queries
from irloom.retrievers.dense import Dense

_BATCH: Final = 256
"""Queries at a time, so that progress shows."""
_WHOLE: Final = 1000
"""How deep a measure without a cut looks."""


@dataclass(frozen=True, slots=True)
class ShadowQuestion:
    """What two parts are asked; `read_question` makes one.

    Attributes:
        queries: such as those of a log.
        k: how deep the rankings are held against each other.
        judgments: of the queries; None where there are none.
        measures: by which the rankings are judged, where there are judgments.
        gates: conditions on the measures that the new part must keep.
        old_encoder: of the old part's queries; None for the model that the part names.
    """

    queries: tuple[Query, ...]
    k: int = 10
    judgments: Judgments | None = None
    measures: tuple[str, ...] = DEFAULT_MEASURES
    gates: tuple[Gate, ...] = ()
    old_encoder: Encoder[DenseBatch] | str | None = None

    def __post_init__(self) -> None:
        if self.k < 1:
            raise BadValue("k", self.k, "1 or more")
        if not self.queries:
            raise BadValue("queries", self.queries, "one or more")
        if self.gates and self.judgments is None:
            raise BadValue("gates", [gate.text for gate in self.gates], "none without judgments: name them with qrels")

    @property
    def depth(self) -> int:
        """How many documents each query needs."""
        if self.judgments is None:
            return self.k
        return max(self.k, *(parse_measure(measure).cut or _WHOLE for measure in self.shown))

    @property
    def shown(self) -> list[str]:
        """The measures with those of the gates, as they print."""
        return list(dict.fromkeys([*(str(parse_measure(measure)) for measure in self.measures), *(gate.measure for gate in self.gates)]))


@dataclass(frozen=True, slots=True)
class ShadowEvaluation:
    """How two parts answered.

    Attributes:
        queries: how many were asked.
        k: how deep the rankings were held against each other.
        likeness: the mean over queries and its 95 % bootstrap interval of `overlap` (the share of k that both found), `rbo` (rank-biased
            overlap, p 0.9) and `tau` (Kendall's, of what both found; queries with fewer than two such documents left out).
        changes: by measure, from the old part to the new one; none without judgments.
        gates: how each ended.
    """

    queries: int
    k: int
    likeness: Mapping[str, Interval]
    changes: tuple[Change, ...]
    gates: tuple[GateResult, ...]

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        return {
            "queries": self.queries,
            "k": self.k,
            "likeness": {name: {"mean": found.mean, "low": found.low, "high": found.high} for name, found in self.likeness.items()},
            "changes": [change.to_json() for change in self.changes],
            "gates": [result.to_json() for result in self.gates],
        }


def read_question(
    *,
    queries: str | None = None,
    qrels: str | None = None,
    split: str | None = None,
    measures: Sequence[str] = (),
    gates: Sequence[str] = (),
    k: int = 10,
    old_encoder: Encoder[DenseBatch] | str | None = None,
) -> ShadowQuestion | None:
    """Reads what two parts are to be asked.

    Args:
        queries: a JSONL or TSV file, or a dataset's name or folder; None for those of the dataset in `qrels`.
        qrels: a file of judgments, or a dataset; None for none.
        split: of the datasets; None for their protocol's.
        measures: none for nDCG@10 and R@100.
        gates: such as "nDCG@10 >= base - 0.005".
        k: how deep the rankings are held against each other.
        old_encoder: of the old part's queries; None for the model that the part names.

    Returns:
        The question; None where neither queries nor judgments are named.

    Raises:
        BadValue: a gate cannot be read, `k` is below 1, there are gates without judgments, or judgments from a file and no queries.
        UnknownName: a measure, a dataset or its split is unknown.
        DataError: the queries or judgments cannot be read.
    """
    if queries is None and qrels is None:
        if gates or measures or split is not None:
            raise BadValue("queries", None, "queries or judgments, without which nothing can be measured")
        return None
    parsed = tuple(map(parse_gate, gates))
    wanted = [*(measures or DEFAULT_MEASURES), *(gate.measure for gate in parsed)]
    judgments = None if qrels is None else open_judgments(qrels, split=_split_of(qrels, split), measures=wanted)
    if split is not None and all(place is None or Path(place).is_file() for place in (queries, qrels)):
        raise BadValue("split", split, "no split: files of queries and judgments have none")
    if queries is None and judgments is not None and judgments.dataset is None:
        raise BadValue("queries", None, f"the queries that {qrels} judges")
    place = queries or str(qrels)
    asked = asked_queries(place, _split_of(place, split))
    check_queries(asked, where=place)
    return ShadowQuestion(tuple(asked), k, judgments, tuple(measures or DEFAULT_MEASURES), parsed, old_encoder)


def evaluate_shadow(
    collection: Collection, part: str, shadow: str, question: ShadowQuestion, encoder: Encoder[DenseBatch], *, progress: Progress
) -> ShadowEvaluation:
    """Asks a part and its shadow, and holds the rankings against each other; both are searched as they are, by FAISS where they have it.

    Args:
        collection: of both.
        part: the old one.
        shadow: the new one.
        question: what is asked.
        encoder: of the new one's queries.
        progress: called as it goes.
    """
    old, new = Dense(collection, question.old_encoder, part=part), Dense(collection, encoder, part=shadow)
    before, after = (_run(side, question, label, progress) for label, side in (("old queries", old), ("new queries", new)))
    changes, gates = ([], []) if question.judgments is None else _judged(before, after, part, question, question.judgments)
    return ShadowEvaluation(len(question.queries), question.k, _likeness(before, after, question.k), tuple(changes), tuple(gates))


def _run(dense: Dense, question: ShadowQuestion, label: str, progress: Progress) -> Run:
    runs: list[Run] = []
    for start in range(0, len(question.queries), _BATCH):
        runs.append(dense.retrieve(question.queries[start : start + _BATCH], k=question.depth))
        progress(label, min(start + _BATCH, len(question.queries)), len(question.queries))
    return Run.concat(runs)


def _likeness(before: Run, after: Run, k: int) -> dict[str, Interval]:
    first, second = (Run.from_rankings({query_id: ranking.cut(k) for query_id, ranking in run.items()}) for run in (before, after))
    alike = run_similarity(first, second)
    values = {"overlap": np.array([_overlap(first[query_id], second[query_id]) for query_id in first]), "rbo": alike.rbo, "tau": alike.tau}
    finite = {name: found[np.isfinite(found)] for name, found in values.items()}
    return {name: mean_interval(found) for name, found in finite.items() if len(found)}


def _overlap(first: Ranking, second: Ranking) -> float:
    """The documents that both found, over the longer ranking's number; 1 where both are empty."""
    longest = max(len(first), len(second))
    return len(set(first.doc_ids) & set(second.doc_ids)) / longest if longest else 1.0


def _judged(before: Run, after: Run, part: str, question: ShadowQuestion, judgments: Judgments) -> tuple[list[Change], list[GateResult]]:
    if judgments.protocol.remove_self_hits:
        before, after = without_self_hits(before), without_self_hits(after)
    base, new = (evaluate(run, judgments.qrels, question.shown, min_grade=judgments.protocol.min_grade) for run in (before, after))
    gates = [gate.check(*paired_values(base, new, gate.measure), system=part) for gate in question.gates]
    return adjusted(changes_of(part, base, new, question.shown)), gates


def _split_of(place: str, split: str | None) -> str | None:
    """The split, where `place` is a dataset: one option serves both queries and judgments, of which one may be a file."""
    return None if Path(place).is_file() else split
