"""Passages: passage scores to document scores, by the best passage (MaxP) or the first one (FirstP)."""

from collections.abc import Sequence
from typing import Literal, get_args

from irloom.core.contracts import Corpus
from irloom.core.errors import BadValue
from irloom.core.files import short_hash
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Document, Query

Method = Literal["max", "first"]


class Passages(Retriever):
    """Ranks documents by a retriever's ranking of their passages.

    A document is named by its passages' `parent`; a passage without one stands for itself. `k` documents are looked for among the first
    `factor * k` passages; a query that finds fewer, or whose last document could still change places with an equal one below, is asked
    again at twice the depth, until it has them or there is nothing more. So the result is that of ranking every passage, for every
    retriever whose ranking at a small k begins its ranking at a larger one.

    Args:
        retriever: finds passages.
        corpus: knows the passages' parents and spans.
        method: "max" for the score of the best passage, "first" for that of the passage whose span begins at 0; other passages are then
            passed over.
        factor: passages fetched for each document wanted, 1 or more.

    Raises:
        BadValue: the method is unknown or the factor is less than 1.

    Paper:
        Z. Dai and J. Callan, Deeper Text Understanding for IR with Contextual Neural Language Modeling, SIGIR 2019, section 3.
    """

    def __init__(self, retriever: Retriever, corpus: Corpus, *, method: Method = "max", factor: int = 5) -> None:
        if method not in get_args(Method):
            raise BadValue("method", method, f"one of {', '.join(get_args(Method))}")
        if factor < 1:
            raise BadValue("factor", factor, "1 or more")
        self.retriever, self.corpus, self.method, self.factor = retriever, corpus, method, factor

    @property
    def fingerprint(self) -> str:
        """The retriever's, the method and the factor, hashed."""
        return short_hash("passages", self.retriever.fingerprint, self.method, str(self.factor))

    @property
    def exact_cuts(self) -> bool:
        """Whether the retriever's are."""
        return self.retriever.exact_cuts

    def warm_up(self) -> None:
        """Warms the retriever."""
        self.retriever.warm_up()

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a passage that the retriever found.
        """
        check_request(queries, k)
        rankings = {query.id: Ranking.from_order([]) for query in queries}
        parents: dict[str, str | None] = {}
        waiting, depth = list(queries), self.factor * k
        while waiting and depth:
            run = self.retriever.retrieve(waiting, k=depth)
            self._learn_parents(run, parents)
            again = []
            for query in waiting:
                passages = run[query.id]
                documents = _best_of(passages, parents)
                rankings[query.id] = documents.cut(k)
                if len(passages) >= depth and not _settled(documents, passages, k):
                    again.append(query)
            waiting, depth = again, 2 * depth
        return Run.from_rankings(rankings)

    def _learn_parents(self, run: Run, parents: dict[str, str | None]) -> None:
        """Adds the document of each passage of the run; None for a passage that does not count."""
        unknown = sorted({run.doc_ids[doc] for doc in set(run.docs.tolist())} - parents.keys())
        for passage_id, passage in zip(unknown, self.corpus.fetch(unknown), strict=True):
            parents[passage_id] = self._document_of(passage)

    def _document_of(self, passage: Document) -> str | None:
        if self.method == "first" and passage.span is not None and passage.span[0] > 0:
            return None
        return passage.parent or passage.id


def _best_of(passages: Ranking, parents: dict[str, str | None]) -> Ranking:
    """The documents of the passages with the score of their first one in the ranking, which is their best."""
    best: dict[str, float] = {}
    for passage_id, score in passages:
        document = parents[passage_id]
        if document is not None:
            best.setdefault(document, score)
    return Ranking.from_scores(list(best), list(best.values()))


def _settled(documents: Ranking, passages: Ranking, k: int) -> bool:
    """Whether no passage below these can enter the first `k` documents: the last one scores less than the k-th document."""
    return len(documents) >= k and bool(documents.scores[k - 1] > passages.scores[-1])
