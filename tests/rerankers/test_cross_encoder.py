"""CrossEncoderReranker with a Scorer of words in common."""

from collections.abc import Sequence

import pytest

from irloom.core.errors import BadValue, UnknownDocument
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.rerankers import portions
from irloom.rerankers.cross_encoder import CrossEncoderReranker
from tests.fakes import ListCorpus, OverlapScorer

CORPUS = ListCorpus([Document("a", "red fish"), Document("b", "blue fish", "red"), Document("c", "red"), Document("d", "green")])
QUERIES = [Query("q1", "red fish"), Query("q2", "green")]
RUN = Run.from_rankings({"q1": Ranking.from_order(["d", "b", "a", "c"]), "q2": Ranking.from_order(["a", "d"])})


def test_sorts_by_the_scorer() -> None:
    run = CrossEncoderReranker(OverlapScorer(), CORPUS).rerank(QUERIES, RUN, k=10)
    assert list(run["q1"].doc_ids) == ["a", "c", "b", "d"]  # shares of red and fish: 1, 1, 2/3, 0
    assert list(run["q2"].doc_ids) == ["d", "a"]


def test_texts_are_fetched_in_portions_and_once_in_each(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, corpus = OverlapScorer(), ListCorpus(list(CORPUS.by_id.values()))
    whole = CrossEncoderReranker(scorer, corpus, depth=2).rerank(QUERIES, RUN, k=10)
    assert (corpus.asked, scorer.sizes) == (["d", "b", "a"], [2, 2])
    monkeypatch.setattr(portions, "PAIRS", 1)
    corpus.asked.clear()
    again = CrossEncoderReranker(scorer, corpus, depth=2).rerank(QUERIES, RUN, k=10)
    assert corpus.asked == ["d", "b", "a", "d"]
    assert all(list(again[key].doc_ids) == list(whole[key].doc_ids) for key in whole)


def test_bad_input() -> None:
    with pytest.raises(BadValue, match="depth"):
        CrossEncoderReranker(OverlapScorer(), CORPUS, depth=0)

    class Strict(ListCorpus):
        """Names the document that is not there."""

        def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
            for doc_id in doc_ids:
                if doc_id not in self.by_id:
                    raise UnknownDocument(doc_id)
            return super().fetch(doc_ids)

    with pytest.raises(UnknownDocument, match="'x'"):
        CrossEncoderReranker(OverlapScorer(), Strict([])).rerank(QUERIES, Run.from_rankings({"q1": Ranking.from_order(["x"])}), k=1)


def test_fingerprint_and_warm_up() -> None:
    first, second = (CrossEncoderReranker(OverlapScorer(), CORPUS, depth=depth) for depth in (10, 20))
    assert first.fingerprint != second.fingerprint
    first.warm_up()
