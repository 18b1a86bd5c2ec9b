"""What all rerankers share: the head of each ranking is scored and sorted, the tail stays under it as it was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError, ShapeMismatch, shortened
from irloom.core.notes import NOTES
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import check_request
from irloom.core.types import Query

Head: TypeAlias = tuple[Query, Sequence[str]]
"""A query and the ids of the documents to score for it, in the order given."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one head, and what is to be noted of its query.

    Attributes:
        scores: float32 (n_i,), higher is better.
        notes: values by name, out of `irloom.core.notes.NOTES` or a method's own.
    """

    scores: NDArray[np.float32]
    notes: Mapping[str, object] = field(default_factory=dict)


ScoreHeads: TypeAlias = Callable[[Sequence[Head]], Sequence[NDArray[np.float32] | Scored]]
"""Heads to float32 (n_i,) scores for each, higher is better, with or without notes."""


def order_scores(order: Sequence[int]) -> NDArray[np.float32]:
    """An order as scores, for methods that give none.

    Args:
        order: the places of n documents in the order given, each once, best first.

    Returns:
        float32 (n,): n for the best, 1 for the last, in the order given.

    Raises:
        ModelError: a place is missing or there twice.

    >>> order_scores([2, 0, 1]).tolist()
    [2.0, 1.0, 3.0]
    """
    n = len(order)
    places = np.asarray(order, np.int64).reshape(n)
    if not np.array_equal(np.sort(places), np.arange(n)):
        raise ModelError(f"an order of {n} documents holds {shortened(str(list(order)))}; expected each place from 0 to {n - 1} once")
    scores = np.empty(n, np.float32)
    scores[places] = np.arange(n, 0, -1, dtype=np.float32)
    return scores


def rerank_head(queries: Sequence[Query], run: Run, score: ScoreHeads, *, depth: int, k: int) -> Run:
    """Scores the first `depth` documents of each ranking and sorts them; equal scores keep the order given.

    What lies below keeps its order under them. A query without text, or one that the run does not have, is not scored: its
    ranking stays as it was. The scores that the run came with are kept in a column `stage0`, `stage1`, ... after those there; so are
    its notes of the names in `NOTES`, as `stage0.calls` and so on, whether or not there are new ones. Other notes stay as they are.

    Args:
        queries: which rankings come back, in this order; other rankings of the run are left out.
        run: the rankings.
        score: called once with all heads that have a document; not at all where there is none.
        depth: documents to score of each ranking.
        k: documents wanted of each ranking.

    Raises:
        BadValue: `k` is negative or two queries share an id.
        ShapeMismatch: `score` gives another number of scores than documents.
        ModelError: a score is NaN.
    """
    check_request(queries, k)
    heads = [(query, run[query.id].cut(depth).doc_ids) for query in queries if k and query.text.strip() and query.id in run]
    heads = [head for head in heads if head[1]]
    found = [one if isinstance(one, Scored) else Scored(one) for one in score(heads)] if heads else []
    values = _checked(heads, [one.scores for one in found])
    scores = {query.id: row for (query, _), row in zip(heads, values, strict=True)}
    notes = {query.id: one.notes for (query, _), one in zip(heads, found, strict=True)}
    starts = dict(zip(run.query_ids, run.offsets.tolist(), strict=False))
    rankings, places = [], []
    for query in queries:
        ranking = run.get(query.id, Ranking.from_order([]))
        ranking, order = _reordered(ranking, scores[query.id]) if query.id in scores else (ranking, np.arange(len(ranking)))
        rankings.append(ranking.cut(k))
        places.append(starts.get(query.id, 0) + order[:k])
    stage = f"stage{sum(name.startswith('stage') for name in run.columns)}"
    new = _assemble(queries, run, rankings, np.concatenate([np.empty(0, np.int64), *places]).astype(np.int64), stage=stage)
    return new.with_notes({**_kept_notes(queries, run, stage), **_new_notes(queries, notes)})


def _checked(heads: Sequence[Head], scores: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    if len(scores) != len(heads):
        raise ShapeMismatch("the scores", expected=f"one array a query, {len(heads)}", found=(len(scores),))
    for (query, doc_ids), values in zip(heads, scores, strict=True):
        if values.shape != (len(doc_ids),):
            raise ShapeMismatch(f"the scores of query {query.id!r}", expected=f"({len(doc_ids)},)", found=values.shape)
        bad = np.flatnonzero(np.isnan(values))
        if len(bad):
            raise ModelError(f"query {query.id!r}: the score of document {doc_ids[int(bad[0])]!r} is NaN; are the model's weights sound?")
    return [np.asarray(values, np.float32) for values in scores]


def _reordered(ranking: Ranking, scores: NDArray[np.float32]) -> tuple[Ranking, NDArray[np.int64]]:
    """The ranking with its head sorted by `scores`, and int64 (n,): where in the old ranking each document stood."""
    n = len(scores)
    order = np.argsort(-scores, kind="stable")
    head = Ranking([ranking.doc_ids[place] for place in order.tolist()], scores[order])
    tail = Ranking(ranking.doc_ids[n:], ranking.scores[n:])
    return head.then(tail), np.concatenate([order, np.arange(n, len(ranking))]).astype(np.int64)


def _assemble(queries: Sequence[Query], run: Run, rankings: Sequence[Ranking], places: NDArray[np.int64], *, stage: str) -> Run:
    """The run of those rankings; `places` says which entry of the old run each entry was."""
    offsets = np.cumsum([0, *(len(ranking) for ranking in rankings)], dtype=np.int64)
    scores = np.concatenate([np.empty(0, np.float32), *(ranking.scores for ranking in rankings)])
    columns = {name: column[places] for name, column in run.columns.items()}
    columns[stage] = run.scores[places]
    return Run([query.id for query in queries], offsets, run.docs[places], scores, run.doc_ids, columns=columns)


def _kept_notes(queries: Sequence[Query], run: Run, stage: str) -> dict[str, list[object]]:
    """The notes that the run came with, those of `NOTES` under the name of the column that keeps its scores."""
    rows = {query_id: row for row, query_id in enumerate(run.query_ids)}
    return {
        f"{stage}.{name}" if name in NOTES else name: [values[rows[query.id]] if query.id in rows else None for query in queries]
        for name, values in run.notes.items()
    }


def _new_notes(queries: Sequence[Query], notes: Mapping[str, Mapping[str, object]]) -> dict[str, list[object]]:
    names = dict.fromkeys(name for row in notes.values() for name in row)
    return {name: [notes.get(query.id, {}).get(name) for query in queries] for name in names}
