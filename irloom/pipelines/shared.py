"""Systems that share a prefix run it once: what a stage gave for the same queries is kept and given again.

A run is known by the stage's fingerprint, its queries and k. A stage whose cuts are exact gives a small k out of a larger one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias

from irloom.core.config import Builder
from irloom.core.run import Run
from irloom.core.stage import Retriever
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


class SharingBuilder(Builder):
    """Builds systems whose stages, and the beginnings of whose pipelines, share their runs."""

    def __init__(self, systems: dict[str, Any], *, context: dict[str, object], where: str) -> None:
        super().__init__(systems, context=context, where=where)
        self.runs = Runs()

    def system(self, name: str) -> Retriever:
        """The system of that name, built once."""
        built = super().system(name)
        if isinstance(built, Shared) and not built.name:
            built.name = name
        return built

    def retriever(self, node: Any, *, where: str) -> Retriever:
        """The retriever that a node describes; each beginning of a list is a stage of its own."""
        if isinstance(node, list) and len(node) > 2:
            built: Retriever = self.retriever(node[:-1], where=where) >> self.reranker(node[-1], where=f"{where}[{len(node) - 1}]")
        else:
            built = super().retriever(node, where=where)
        return built if isinstance(built, Shared) else Shared(built, self.runs)
