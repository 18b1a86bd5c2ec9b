"""The two verbs, `retrieve` and `rerank`, and the one operator that composes them, `>>`."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import SupportsIndex

from irloom.core.errors import BadValue
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.types import Query


def check_request(queries: Sequence[Query], k: int) -> None:
    """What every stage checks before it works.

    Raises:
        BadValue: `k` is negative, or two queries share an id.
    """
    if not _is_count(k):
        raise BadValue("k", k, "a whole number of 0 or more")
    seen: set[str] = set()
    for query in queries:
        if query.id in seen:
            raise BadValue("queries", query.id, "ids that occur once each")
        seen.add(query.id)


def _is_count(k: object) -> bool:
    return isinstance(k, SupportsIndex) and k.__index__() >= 0


class Retriever(ABC):
    """Finds documents. A stage is safe to share between threads after `warm_up()`."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Changes whenever the same queries could give another run."""

    @property
    def label(self) -> str:
        """What steps and columns call it: its class's name; a wrapper has that of what it wraps."""
        return type(self).__name__

    @property
    def exact_cuts(self) -> bool:
        """Whether the run at a small k is, bit for bit, the beginning of that at a larger one; an approximate index cannot promise it."""
        return False

    @property
    def bare(self) -> "Retriever":
        """The retriever without the wrappers that do nothing but keep its runs; for stages that need more of it than `retrieve`."""
        return self

    @abstractmethod
    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query; a query without hits keeps its key.

        Raises:
            BadValue: `k` is negative, or two queries share an id.
        """

    def warm_up(self) -> None:  # noqa: B027 (a stage without weights has nothing to load)
        """Loads what is loaded at first use."""

    def __rshift__(self, reranker: "Reranker") -> "Pipeline":
        return Pipeline(self, (reranker,))


class Reranker(ABC):
    """Reorders the first `depth` documents of each ranking; what lies below keeps its order under them."""

    depth: int

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Changes whenever the same run could be ordered otherwise."""

    @property
    def label(self) -> str:
        """What steps call it: its class's name; a wrapper has that of what it wraps."""
        return type(self).__name__

    @abstractmethod
    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
        """

    def warm_up(self) -> None:  # noqa: B027 (a stage without weights has nothing to load)
        """Loads what is loaded at first use."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage's result within a pipeline: its name, its run, its seconds."""

    name: str
    run: Run
    seconds: float


class Pipeline(Retriever):
    """A retriever and the rerankers after it; itself a retriever, so it nests.

    Args:
        retriever: the first stage.
        rerankers: the stages after it, in order; at least one.
    """

    def __init__(self, retriever: Retriever, rerankers: Sequence[Reranker]) -> None:
        if not rerankers:
            raise BadValue("rerankers", rerankers, "at least one reranker")
        for reranker in rerankers:
            if not isinstance(reranker, Reranker):
                raise BadValue("the right side of >>", reranker, "a Reranker")
        self.retriever, self.rerankers = retriever, tuple(rerankers)

    @property
    def fingerprint(self) -> str:
        """The stages' fingerprints, hashed in order."""
        return short_hash("pipeline", self.retriever.fingerprint, *(reranker.fingerprint for reranker in self.rerankers))

    @property
    def exact_cuts(self) -> bool:
        """Whether the first stage's cuts are exact: rerankers read the same head at any k."""
        return self.retriever.exact_cuts

    def __rshift__(self, reranker: Reranker) -> "Pipeline":
        return Pipeline(self.retriever, (*self.rerankers, reranker))

    def warm_up(self) -> None:
        """Warms every stage."""
        self.retriever.warm_up()
        for reranker in self.rerankers:
            reranker.warm_up()

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The run of the last stage."""
        *_, last = self.steps(queries, k=k)
        return last.run

    def steps(self, queries: Sequence[Query], *, k: int) -> Iterator[Step]:
        """Each stage's result as it comes.

        A stage is asked for max(k, the next stage's depth), reckoned from the back.
        """
        check_request(queries, k)
        wanted = [k]
        for reranker in reversed(self.rerankers):
            wanted.append(max(wanted[-1], reranker.depth) if k else 0)
        wanted.reverse()
        start = perf_counter()
        run = self.retriever.retrieve(queries, k=wanted[0])
        yield Step(self.retriever.label, run, perf_counter() - start)
        for reranker, asked in zip(self.rerankers, wanted[1:], strict=True):
            start = perf_counter()
            run = reranker.rerank(queries, run, k=asked)
            yield Step(reranker.label, run, perf_counter() - start)
