"""JudgedRun: a run and its judgments as columns, the form that every measure reads.

Most documents of a deep run are unjudged and add nothing to any measure, so only the judged ones are kept, each with its rank.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import DataError
from irloom.core.intents import IntentQrels
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.eval.intent_judgments import IntentJudgments, Ints, intent_judgments


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """What a run found, seen by the judgments. Queries are those of the judgments, in their order; `q` is their number.

    Attributes:
        query_ids: the judged queries.
        retrieved: int64 (q,), how many documents the run gives for each; 0 where it lacks the query.
        hit_query: int64 (h,), ascending: the query of each judged document that was found.
        hit_rank: int64 (h,), its rank from 1, ascending within a query.
        hit_grade: int64 (h,), its grade.
        judgment_query: int64 (m,), ascending: the query of each judgment.
        judgment_grade: int64 (m,), its grade, descending within a query.
        missing: how many judged queries the run lacks.
        ignored: how many queries of the run have no judgments.
        intents: the judgments by intent, where they are IntentQrels.
    """

    query_ids: tuple[str, ...]
    retrieved: Ints
    hit_query: Ints
    hit_rank: Ints
    hit_grade: Ints
    judgment_query: Ints
    judgment_grade: Ints
    missing: int
    ignored: int
    intents: IntentJudgments | None = None

    def __len__(self) -> int:
        return len(self.query_ids)

    def total(self, queries: Ints, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (q,): the sum of `values` by query."""
        return np.bincount(queries, weights=values, minlength=len(self)).astype(np.float64)

    def count(self, queries: Ints) -> NDArray[np.float64]:
        """float64 (q,): how often each query occurs."""
        return np.bincount(queries, minlength=len(self)).astype(np.float64)

    def relevant(self, rel: int) -> NDArray[np.float64]:
        """float64 (q,): how many documents are judged `rel` or better."""
        return self.count(self.judgment_query[self.judgment_grade >= rel])

    def relevant_hits(self, rel: int, cut: int | None) -> tuple[Ints, Ints]:
        """Query and rank, each int64 (r,), of the hits judged `rel` or better within the cut."""
        kept = self.hit_grade >= rel
        if cut is not None:
            kept &= self.hit_rank <= cut
        return self.hit_query[kept], self.hit_rank[kept]

    def condensed(self) -> "JudgedRun":
        """The run without the documents that are not judged; as in trec_eval, a grade below 0 stands for "not judged"."""
        kept = self.hit_grade >= 0
        query = self.hit_query[kept]
        rank = np.arange(len(query)) - np.searchsorted(query, query) + 1
        return replace(
            self,
            retrieved=np.bincount(query, minlength=len(self)),
            hit_query=query,
            hit_rank=rank,
            hit_grade=self.hit_grade[kept],
            intents=None if self.intents is None else self.intents.of_hits(kept),
        )


def judge(run: Run, qrels: Qrels) -> JudgedRun:
    """Looks the run's documents up in the judgments.

    The run's order is the truth: scores are not read.

    Raises:
        DataError: no query of the run is judged.
    """
    query_ids = tuple(qrels)
    row_of = {query_id: row for row, query_id in enumerate(query_ids)}
    rows = np.fromiter(map(row_of.get, run.query_ids, repeat(-1)), np.int64, len(run.query_ids))
    shared = int((rows >= 0).sum())
    if not shared:
        raise DataError(no_shared_query(run, qrels))
    judged_docs, query, doc, grade = _columns(qrels)
    lengths = np.diff(run.offsets)
    retrieved = np.zeros(len(query_ids), np.int64)
    retrieved[rows[rows >= 0]] = lengths[rows >= 0]

    places, number = _judged_places(run, judged_docs)
    run_row = np.searchsorted(run.offsets, places, side="right") - 1
    hit_query, hit_rank = rows[run_row], places - run.offsets[run_row] + 1
    number, hit_query, hit_rank = (column[hit_query >= 0] for column in (number, hit_query, hit_rank))

    keys = query * len(judged_docs) + doc
    wanted = hit_query * len(judged_docs) + number
    by_key = np.argsort(keys)
    found = by_key[np.minimum(np.searchsorted(keys, wanted, sorter=by_key), len(keys) - 1)] if len(keys) else wanted
    known = keys[found] == wanted
    order = np.lexsort((hit_rank[known], hit_query[known]))
    ideal = np.lexsort((-grade, query))
    by_intent = intent_judgments(qrels, found[known][order]) if isinstance(qrels, IntentQrels) else None
    return JudgedRun(
        query_ids=query_ids,
        retrieved=retrieved,
        hit_query=hit_query[known][order],
        hit_rank=hit_rank[known][order],
        hit_grade=grade[found][known][order],
        judgment_query=query[ideal],
        judgment_grade=grade[ideal],
        missing=len(query_ids) - shared,
        ignored=len(run.query_ids) - shared,
        intents=by_intent,
    )


def _judged_places(run: Run, judged_docs: Mapping[str, int]) -> tuple[Ints, Ints]:
    """The entries of the run whose documents are judged for any query, and the documents' numbers, int64 (n,) each."""
    known = np.fromiter(map(judged_docs.__contains__, run.doc_ids), np.bool_, len(run.doc_ids))
    places = np.flatnonzero(known[run.docs])
    docs, entry = np.unique(run.docs[places], return_inverse=True)
    return places, np.array([judged_docs[run.doc_ids[doc]] for doc in docs.tolist()], np.int64)[entry]


def _columns(qrels: Qrels) -> tuple[Mapping[str, int], Ints, Ints, Ints]:
    """The judged documents' numbers, and query, document and grade of each judgment, int64 (m,) each."""
    numbers: dict[str, int] = {}
    docs = [numbers.setdefault(doc_id, len(numbers)) for row in qrels.values() for doc_id in row]
    query = np.repeat(np.arange(len(qrels), dtype=np.int64), np.array([len(row) for row in qrels.values()], np.int64))
    grade = np.array([value for row in qrels.values() for value in row.values()], np.int64)
    return numbers, query, np.array(docs, np.int64), grade


def no_shared_query(run: Run, qrels: Qrels) -> str:
    """What an error says of a run and judgments that have no query in common."""
    return (
        f"the run and the judgments share no query: the run has {_some(run.query_ids)}, the judgments have {_some(tuple(qrels))}; "
        "were they made for the same queries, and the same split?"
    )


def _some(ids: tuple[str, ...]) -> str:
    if not ids:
        return "none"
    return ", ".join(repr(query_id) for query_id in ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
