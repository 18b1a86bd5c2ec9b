"""What all rerankers share: the head of each ranking is scored and sorted, the tail stays under it as it was."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError, ShapeMismatch
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import check_request
from irloom.core.types import Query

Head: TypeAlias = tuple[Query, Sequence[str]]
"""A query and the ids of the documents to score for it, in the order given."""

ScoreHeads: TypeAlias = Callable[[Sequence[Head]], Sequence[NDArray[np.float32]]]
"""Heads to float32 (n_i,) scores for each, higher is better."""


def rerank_head(queries: Sequence[Query], run: Run, score: ScoreHeads, *, depth: int, k: int) -> Run:
    """Scores the first `depth` documents of each ranking and sorts them; equal scores keep the order given.

    What lies below keeps its order under them. A query without text, or one that the run does not have, is not scored: its
    ranking stays as it was. The scores that the run came with are kept in a column `stage0`, `stage1`, ... after those there.

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
    scores = {query.id: values for (query, _), values in zip(heads, _checked(heads, score(heads)), strict=True)} if heads else {}
    starts = dict(zip(run.query_ids, run.offsets.tolist(), strict=False))
    rankings, places = [], []
    for query in queries:
        ranking = run.get(query.id, Ranking.from_order([]))
        ranking, order = _reordered(ranking, scores[query.id]) if query.id in scores else (ranking, np.arange(len(ranking)))
        rankings.append(ranking.cut(k))
        places.append(starts.get(query.id, 0) + order[:k])
    return _assemble(queries, run, rankings, np.concatenate([np.empty(0, np.int64), *places]).astype(np.int64))


def _checked(heads: Sequence[Head], scores: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    if len(scores) != len(heads):
        raise ShapeMismatch("the scores", expected=f"one array a query, {len(heads)}", found=(len(scores),))
    for (query, doc_ids), values in zip(heads, scores, strict=True):
        if values.shape != (len(doc_ids),):
            raise ShapeMismatch(f"the scores of query {query.id!r}", expected=f"({len(doc_ids)},)", found=values.shape)
        bad = np.flatnonzero(np.isnan(values))
        if len(bad):
            raise ModelError(f"query {query.id!r}: the score of document {doc_ids[int(bad[0])]!r} is NaN")
    return [np.asarray(values, np.float32) for values in scores]


def _reordered(ranking: Ranking, scores: NDArray[np.float32]) -> tuple[Ranking, NDArray[np.int64]]:
    """The ranking with its head sorted by `scores`, and int64 (n,): where in the old ranking each document stood."""
    n = len(scores)
    order = np.argsort(-scores, kind="stable")
    head = Ranking([ranking.doc_ids[place] for place in order.tolist()], scores[order])
    tail = Ranking(ranking.doc_ids[n:], ranking.scores[n:])
    return head.then(tail), np.concatenate([order, np.arange(n, len(ranking))]).astype(np.int64)


def _assemble(queries: Sequence[Query], run: Run, rankings: Sequence[Ranking], places: NDArray[np.int64]) -> Run:
    """The run of those rankings; `places` says which entry of the old run each entry was."""
    offsets = np.cumsum([0, *(len(ranking) for ranking in rankings)], dtype=np.int64)
    scores = np.concatenate([np.empty(0, np.float32), *(ranking.scores for ranking in rankings)])
    columns = {name: column[places] for name, column in run.columns.items()}
    columns[f"stage{sum(name.startswith('stage') for name in columns)}"] = run.scores[places]
    rows = {query_id: row for row, query_id in enumerate(run.query_ids)}
    notes = {name: [values[rows[query.id]] if query.id in rows else None for query in queries] for name, values in run.notes.items()}
    return Run([query.id for query in queries], offsets, run.docs[places], scores, run.doc_ids, columns=columns, notes=notes)
