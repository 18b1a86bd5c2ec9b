"""A reranker that turns each head round and notes what it does; for tests of what is done with rerankers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from irloom.core import registry
from irloom.core.contracts import Corpus
from irloom.core.errors import ModelError
from irloom.core.registry import Component
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.rerankers.head import Head, Scored, order_scores, rerank_head


class Turning(Reranker):
    """Turns each head round and notes it; fails at a query when told to."""

    fails_at = ""
    asked: ClassVar[list[str]] = []

    def __init__(self, model: str, corpus: Corpus, *, depth: int = 5, heads: str | None = None, seconds: float = 0.5) -> None:
        self.model, self.corpus, self.depth, self.heads, self.seconds = model, corpus, depth, heads, seconds

    @property
    def fingerprint(self) -> str:
        return f"turning {self.model} {self.depth} {self.heads} {self.seconds}"

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        self.asked.extend(query.id for query, _ in heads)
        if any(query.id == self.fails_at for query, _ in heads):
            raise ModelError("the endpoint is gone")
        notes = {"calls": 2, "seconds": self.seconds, "fallback": ""}
        return [Scored(order_scores(list(reversed(range(len(doc_ids))))), notes) for _, doc_ids in heads]


@contextmanager
def registered() -> Iterator[None]:
    """`turning` among the rerankers of the registry."""
    before = registry.COMPONENTS
    registry.COMPONENTS = (*before, Component("turning", "reranker", f"{__name__}:Turning", ""))  # type: ignore[assignment]
    registry.table.cache_clear()
    try:
        yield
    finally:
        registry.COMPONENTS = before
        registry.table.cache_clear()
