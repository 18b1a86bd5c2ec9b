"""AskedOnce: a reranker whose server is not asked, and paid, a second time when an experiment takes the latency."""

from collections.abc import Sequence

from irloom.core.errors import ModelError
from irloom.core.notes import kept_order
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.models.json_client import JsonClient
from irloom.pipelines.shared import Runs
from irloom.pipelines.within import models_of, stages_of


class NotNoted(ModelError):
    """A server reranked no such query, or nobody noted the seconds, so that its latency is not known without asking again."""


class AskedOnce(Reranker):
    """A reranker, asked as it is while runs are shared. When queries are asked alone, one behind a server is not asked again.

    It gives what it gave for the query before, and the seconds noted of it count instead of those on the clock.

    Args:
        inner: the reranker.
        runs: the experiment's.
    """

    def __init__(self, inner: Reranker, runs: Runs) -> None:
        self.inner, self.runs, self.depth = inner, runs, inner.depth

    @property
    def fingerprint(self) -> str:
        """The inner one's."""
        return self.inner.fingerprint

    @property
    def label(self) -> str:
        """The inner one's."""
        return self.inner.label

    def warm_up(self) -> None:
        """Warms the inner one."""
        self.inner.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The inner one's run.

        Raises:
            NotNoted: it is behind a server, and is asked alone about a query that it has not reranked.
        """
        if not self.runs.sharing and asks_server(self.inner):
            return Run.concat([self._again(query).cut(k) for query in queries])
        new = self.inner.rerank(queries, run, k=k)
        if asks_server(self.inner):
            self.runs.reranked(self, queries, new)
        return new

    def _again(self, query: Query) -> Run:
        row = self.runs.reranking(self, query)
        notes = {name: values[0] for name, values in row.notes.items()} if row is not None else {}
        if row is None or "seconds" not in notes or kept_order(notes):
            raise NotNoted(f"query {query.id!r}: {self.label} noted no seconds of it")
        self.runs.credit(float(str(notes["seconds"] or 0.0)))  # none for a query without documents, which is not asked
        return row


def asks_server(reranker: Reranker) -> bool:
    """Whether a server is asked over HTTP, by the reranker, by one inside of it, or by a model of theirs."""
    return any(isinstance(getattr(thing, "client", None), JsonClient) for thing in (*stages_of(reranker), *models_of(reranker)))
