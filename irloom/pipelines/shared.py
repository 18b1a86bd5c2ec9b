"""Systems that share a prefix run it once: what a stage gave for the same queries is kept and given again.

A run is known by the stage's fingerprint, its queries and k. A stage whose cuts are exact gives a small k out of a larger one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

from irloom.core.run import Run
from irloom.core.stage import Pipeline, Reranker, Retriever
from irloom.core.types import Query

_Key: TypeAlias = tuple[str, tuple[Query, ...]]


@dataclass(frozen=True, slots=True)
class Made:
    """A run and the seconds that it takes, those of the stages inside of it included, wherever they were spent."""

    run: Run
    seconds: float


class Runs:
    """The runs that the systems of an experiment made so far. For one thread."""

    def __init__(self) -> None:
        self._kept: dict[_Key, dict[int, Made]] = {}
        self._rerankings: dict[tuple[str, Query], Run] = {}
        self._credit = 0.0
        self.sharing = True

    def make(self, stage: Retriever, queries: Sequence[Query], *, k: int) -> Made:
        """The stage's run, asked for once; with `sharing` off, asked for again and not kept."""
        stage = stage.inner if isinstance(stage, Shared) else stage
        credit, start = self._credit, perf_counter()
        run = self._run(stage, queries, k)
        return Made(run, perf_counter() - start + self._credit - credit)

    def put(self, stage: Retriever, queries: Sequence[Query], *, k: int, made: Made) -> None:
        """Keeps a run that was made before."""
        self._kept.setdefault((stage.fingerprint, tuple(queries)), {})[k] = made
        stage = stage.inner if isinstance(stage, Shared) else stage
        if isinstance(stage, Pipeline):
            self.reranked(stage.rerankers[-1], queries, made.run)

    def reranked(self, reranker: Reranker, queries: Sequence[Query], run: Run) -> None:
        """Keeps what a reranker gave."""
        self._rerankings.update({(reranker.fingerprint, query): run for query in queries})

    def reranking(self, reranker: Reranker, query: Query) -> Run | None:
        """What the reranker gave last for a query; None where it was not asked."""
        run = self._rerankings.get((reranker.fingerprint, query))
        return None if run is None else run.rows([query.id])

    def credit(self, seconds: float) -> None:
        """Counts seconds that were spent before among those of the run that is being made."""
        self._credit += seconds

    def _run(self, stage: Retriever, queries: Sequence[Query], k: int) -> Run:
        if not self.sharing:
            return stage.retrieve(queries, k=k)
        kept = self._kept.setdefault((stage.fingerprint, tuple(queries)), {})
        depth = min((depth for depth in kept if depth >= k), default=k) if stage.exact_cuts else k
        if depth in kept:
            self._credit += kept[depth].seconds
            return kept[depth].run.cut(k)
        credit, start = self._credit, perf_counter()
        run = stage.retrieve(queries, k=k)
        kept[k] = Made(run, perf_counter() - start + self._credit - credit)
        return run

    def keep_only(self, fingerprints: Collection[str]) -> None:
        """Lets go of the runs of other stages."""
        self._kept = {key: made for key, made in self._kept.items() if key[0] in fingerprints}
        self._rerankings = {key: run for key, run in self._rerankings.items() if key[0] in fingerprints}


class Shared(Retriever):
    """A retriever whose runs are kept in `runs`.

    Args:
        inner: the retriever.
        runs: where its runs are kept.

    Attributes:
        name: the system that it is, or its label in lower case.
    """

    def __init__(self, inner: Retriever, runs: Runs) -> None:
        self.inner, self.runs = inner, runs
        self.name = ""

    @property
    def fingerprint(self) -> str:
        """The inner one's."""
        return self.inner.fingerprint

    @property
    def label(self) -> str:
        """The inner one's."""
        return self.inner.label

    @property
    def exact_cuts(self) -> bool:
        """Whether the inner one's are exact."""
        return self.inner.exact_cuts

    @property
    def bare(self) -> Retriever:
        """The inner one, bare."""
        return self.inner.bare

    def warm_up(self) -> None:
        """Warms the inner one."""
        self.inner.warm_up()

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The inner one's run, made once."""
        return self.runs.make(self.inner, queries, k=k).run
