"""Rerankers behind a server: told from others, and not asked a second time."""

from collections.abc import Callable

import pytest

from irloom.core.notes import ORDER_GIVEN
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Query
from irloom.models.generators.openai_chat import OpenAIChat
from irloom.pipelines.asked_once import AskedOnce, NotNoted, asks_server
from irloom.pipelines.cached import CachedReranker
from irloom.pipelines.shared import Runs
from irloom.rerankers.first import FIRST
from irloom.rerankers.hosted.hosted import Hosted
from irloom.rerankers.listwise import Listwise
from irloom.rerankers.pairwise import Pairwise
from irloom.rerankers.pointwise import Pointwise
from irloom.rerankers.setwise import Setwise
from tests.answering import answering
from tests.fakes import ListCorpus
from tests.fakes_hosted import tei
from tests.fakes_llm import FakeDecoder, FakeGenerator
from tests.pipelines.turning import Turning

CORPUS = ListCorpus([Document("a", "owls"), Document("b", "red fox")])
CHAT = OpenAIChat("m", base_url="http://localhost:1")
QUERIES = [Query("q", "fox"), Query("r", "red")]
RUN = Run.from_rankings({query.id: Ranking.from_order(["a", "b"]) for query in QUERIES})

SERVED: dict[str, Callable[[], Reranker]] = {
    "hosted": lambda: Hosted("m", CORPUS, provider="tei", base_url="http://localhost:1"),
    "first": lambda: FIRST(CHAT, CORPUS),
    "listwise": lambda: Listwise(CHAT, CORPUS),
    "setwise": lambda: Setwise(CHAT, CORPUS),
    "pairwise": lambda: Pairwise(CHAT, CORPUS),
    "pointwise": lambda: Pointwise(CHAT, CORPUS),
    "wrapped": lambda: AskedOnce(Listwise(CHAT, CORPUS), Runs()),
}
LOCAL: dict[str, Callable[[], Reranker]] = {
    "first": lambda: FIRST(FakeDecoder(), CORPUS),  # type: ignore[arg-type]
    "listwise": lambda: Listwise(FakeGenerator(["x"]), CORPUS),
    "setwise": lambda: Setwise(FakeDecoder(), CORPUS),  # type: ignore[arg-type]
    "turning": lambda: Turning("m", CORPUS),
}


@pytest.mark.parametrize("name", SERVED)
def test_rerankers_behind_a_server(name: str, tmp_path: object) -> None:
    assert asks_server(SERVED[name]())
    assert asks_server(CachedReranker(SERVED[name](), CORPUS, path=f"{tmp_path}/kept.sqlite"))


@pytest.mark.parametrize("name", LOCAL)
def test_other_rerankers(name: str) -> None:
    assert not asks_server(LOCAL[name]())


def test_one_behind_a_server_gives_what_it_gave() -> None:
    runs = Runs()
    with answering(tei) as server:
        reranker = AskedOnce(Hosted("m", CORPUS, provider="tei", base_url=server.url), runs)
        first = reranker.rerank(QUERIES, RUN, k=2)
        runs.sharing = False
        again = reranker.rerank(QUERIES[::-1], RUN, k=1)
        with pytest.raises(NotNoted, match="query 's': Hosted noted no seconds of it"):
            reranker.rerank([Query("s", "fox")], Run.from_rankings({"s": RUN["q"]}), k=2)
    assert len(server.requests) == 2
    assert again.query_ids == ("r", "q")
    assert [list(again[query.id]) for query in QUERIES] == [list(first[query.id].cut(1)) for query in QUERIES]
    assert again.notes["seconds"] == first.notes["seconds"][::-1]


def test_a_query_that_failed_has_no_latency() -> None:
    runs = Runs()
    reranker = AskedOnce(SERVED["hosted"](), runs)
    runs.reranked(reranker, QUERIES, RUN.with_notes({"seconds": [None, 1.0], "fallback": [f"{ORDER_GIVEN}: status 500", ""]}))
    runs.sharing = False
    with pytest.raises(NotNoted):
        reranker.rerank(QUERIES[:1], RUN, k=2)
    assert reranker.rerank(QUERIES[1:], RUN, k=2)["r"].doc_ids == ["a", "b"]


def test_another_one_is_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Turning, "asked", asked)
    runs = Runs()
    reranker = AskedOnce(Turning("m", CORPUS), runs)
    assert (reranker.label, reranker.depth, reranker.fingerprint) == ("Turning", 5, reranker.inner.fingerprint)
    for sharing in (True, False, False):
        runs.sharing = sharing
        assert reranker.rerank(QUERIES[:1], RUN, k=2)["q"].doc_ids == ["b", "a"]
    assert asked == ["q", "q", "q"]
