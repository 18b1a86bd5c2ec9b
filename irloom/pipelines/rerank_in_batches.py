"""rerank_in_batches: rerankings that are kept as they come, so that an interrupt loses little of what was paid or waited for."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from irloom.core.errors import EndpointError
from irloom.core.files import Progress, no_progress
from irloom.core.notes import kept_order
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.rerankers.failures import NoneAsked


class Keeping(Protocol):
    """What keeps rankings as they come."""

    def keep(self, run: Run) -> None: ...


def rerank_in_batches(
    reranker: Reranker,
    run: Run,
    queries: Sequence[Query],
    *,
    k: int | None,
    size: int,
    progress: Progress = no_progress,
    kept: Keeping | None = None,
    found: Mapping[str, Run] | None = None,
) -> Run:
    """Reranks some queries at a time, and keeps them as they come; those that were found are not done again.

    Where none of a batch leaves room for documents, or a server that answered others refuses all of a batch, its queries come last,
    beside one that was reranked: then they keep the order given.

    Args:
        reranker: what reranks.
        run: the rankings.
        queries: whose rankings come back, in this order.
        k: documents wanted of each ranking; None for all.
        size: queries at a time.
        progress: called as it goes.
        kept: gets each batch when it is done.
        found: rankings that are there already, by query.

    Raises:
        ModelError: every query of a batch failed; NoneAsked where no query leaves room.
    """
    most = k if k is not None else int(np.diff(run.offsets).max(initial=0))
    runs = dict(found or {})
    left = [query for query in queries if query.id not in runs]
    if left:
        reranker.warm_up()  # so that no query's seconds are those of the weights

    def do(batch: Sequence[Query], *beside: Query) -> None:
        asked = [*batch, *beside]
        own = run.rows([query.id for query in asked if query.id in run])
        new = reranker.rerank(asked, own, k=most).rows([query.id for query in batch])
        if kept is not None:
            kept.keep(new)
        runs.update({query.id: new.rows([query.id]) for query in batch})
        progress("queries", len(runs), len(queries))

    last: list[Query] = []
    for start in range(0, len(left), size):
        batch = left[start : start + size]
        try:
            do(batch)
        except NoneAsked:
            last += batch
        except EndpointError as error:
            if not error.is_about_one_request or not _one_asked(queries, runs):
                raise
            last += batch
    if last:
        do(last, *_one_asked(queries, runs))
    return Run.concat([runs[query.id] for query in queries])


def _one_asked(queries: Sequence[Query], runs: Mapping[str, Run]) -> list[Query]:
    """One of the queries that a model was asked about; none where there is none."""
    return [query for query in queries if _was_asked(runs.get(query.id))][:1]


def _was_asked(done: Run | None) -> bool:
    """Whether a model was asked about the one query of a run."""
    return done is not None and any(done.notes.get("calls", ())) and not kept_order({name: done.notes[name][0] for name in done.notes})
