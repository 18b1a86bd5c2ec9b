import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irloom.core.config import Builder
from irloom.core.errors import BadValue, ConfigError, EndpointError, ModelError, SpendLimit, UnknownDocument, UnknownName
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.rerankers import portions
from irloom.rerankers.hosted import hosted
from irloom.rerankers.hosted.hosted import PROVIDERS, Hosted
from tests.answering import Answering, Reply, Request, answering
from tests.fakes import ListCorpus, OverlapScorer
from tests.fakes_hosted import BASES, SPOKEN, tei

TEXTS = {"d0": "red fox", "d1": "blue whale", "d2": "", "d3": "red fox red whale", "d4": "owl", "d5": "red"}
DOCUMENTS = [Document(doc_id, text) for doc_id, text in TEXTS.items()]
QUERIES = [Query("fox", "red fox"), Query("whale", "whale"), Query("blank", " "), Query("owl", "an owl")]
RUN = Run.from_rankings({query.id: Ranking.from_order(list(TEXTS)) for query in QUERIES})
KEY = "sk-very-secret-0123456789"


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(tei) as running:
        yield running


def reranker(server: Answering, provider: Any = "tei", **given: Any) -> Hosted:
    base = f"{server.url}{BASES[provider]}"
    quick = {"base_url": base, "first_wait": 0.0, "retries": 1, "timeout": 60.0, "provider": provider}
    return Hosted("some-model", ListCorpus(DOCUMENTS), **(quick | given))


def ids(run: Run) -> dict[str, list[str]]:
    return {query_id: list(ranking.doc_ids) for query_id, ranking in run.items()}


def by_overlap() -> dict[str, list[str]]:
    """The second truth: documents with text by the share of their words that the query has, then those without."""
    expected = {}
    for query in QUERIES:
        (scores,) = OverlapScorer().score([(query, DOCUMENTS)])
        order = sorted(range(len(DOCUMENTS)), key=lambda place: (not DOCUMENTS[place].text, -scores[place]))
        expected[query.id] = [DOCUMENTS[place].id for place in order] if query.text.strip() else list(TEXTS)
    return expected


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_each_provider(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROVIDERS[provider].key_env, KEY)
    with answering(SPOKEN[provider]) as server:
        run = reranker(server, provider).rerank(QUERIES, RUN, k=10)
    assert ids(run) == by_overlap()
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}
    assert run.notes["fallback"] == ("", "", None, "")
    assert run.notes["calls"] == (1, 1, None, 1)
    tokens = 2 * 5 + 10 if provider not in ("tei", "cohere") else -(-sum(map(len, ["red fox", *TEXTS.values()])) // 3)
    assert run.notes["prompt_tokens"][0] == tokens  # the fakes count words; who counts nothing is reckoned at three bytes a token
    assert run["fox"].scores[:2] == pytest.approx([1.0, 1.0])
    assert run.columns["stage0"].shape == run.scores.shape


def test_limits_on_documents_go_to_those_who_take_them() -> None:
    for provider, field, usual in (("cohere", "max_tokens_per_doc", 4096), ("vllm", "truncate_prompt_tokens", -1)):
        with answering(SPOKEN[provider]) as server:
            run = reranker(server, provider, max_tokens=2).rerank(QUERIES[:1], RUN, k=10)
            reranker(server, provider).rerank(QUERIES[:1], RUN, k=10)
        assert [request.body[field] for request in server.requests] == [2, usual]
        assert run.notes["cut_documents"] == (1,)  # d3 has four words, at least as many tokens
    for provider in ("tei", "jina", "voyage"):
        with pytest.raises(BadValue, match=f"max_tokens is 5; expected none: {provider}"):
            Hosted("m", ListCorpus([]), provider=provider, base_url="http://h", max_tokens=5)  # type: ignore[arg-type]


def test_many_documents_take_several_requests(server: Answering) -> None:
    documents = [Document(f"d{number:03}", f"{'red ' * number}{'x ' * (100 - number)}") for number in range(100)]
    run = Run.from_rankings({"q": Ranking.from_order([document.id for document in documents])})
    ours = Hosted("m", ListCorpus(documents), provider="tei", base_url=server.url, depth=90)
    found = ours.rerank([Query("q", "red")], run, k=100)
    assert sorted(len(request.body["texts"]) for request in server.requests) == [26, 32, 32]
    assert list(found["q"].doc_ids) == [*(f"d{number:03}" for number in range(89, -1, -1)), *(f"d{number:03}" for number in range(90, 100))]
    assert found.notes["calls"] == (3,)


def test_queries_are_asked_at_once_and_keep_their_order() -> None:
    four = threading.Barrier(4)

    def together(request: Request, number: int) -> Reply:
        four.wait(60)
        return tei(request)

    queries = [Query(str(number), f"red {number}") for number in range(16)]
    run = Run.from_rankings({query.id: Ranking.from_order(list(TEXTS)) for query in queries})
    with answering(together) as server:
        found = reranker(server, workers=4).rerank(queries, run, k=3)
        assert server.most == 4
        server.reply = tei
        alone = reranker(server, workers=1).rerank(queries, run, k=3)
    assert ids(found) == ids(alone)
    assert list(found) == [query.id for query in queries]


def test_one_query_that_fails_keeps_its_order(server: Answering, caplog: pytest.LogCaptureFixture) -> None:
    server.reply = lambda request, number: Reply({}, 500) if request.body["query"] == "whale" else tei(request)
    with caplog.at_level(logging.WARNING):
        run = reranker(server).rerank(QUERIES, RUN, k=10)
    expected = by_overlap() | {"whale": list(TEXTS)}
    assert ids(run) == expected
    assert "does not answer after 2 tries: status 500" in str(run.notes["fallback"][1])
    assert run.notes["fallback"][0] == run.notes["fallback"][3] == ""
    assert [
        record.getMessage()
        for record in caplog.records
        if "1 of 3 queries failed and keep the order given; the first, 'whale'" in record.getMessage()
    ]
    assert run["whale"].scores.tolist() == [6, 5, 4, 3, 2, 1]


NONSENSE = {
    "html": Reply(b"<html>bad gateway</html>"),
    "nothing": Reply(b""),
    "null": Reply(None),
    "error as 200": Reply({"error": "model is loading"}),
    "missing index": Reply([{"index": 0, "score": 1.0}]),
    "repeated index": Reply([{"index": 0, "score": 1.0}] * 5),
    "index out of range": Reply([{"index": place + 1, "score": 1.0} for place in range(5)]),
    "nan": Reply(b'[{"index": 0, "score": NaN}]'),
    "wrong type": Reply([{"index": "0", "score": "high"}]),
    "huge": Reply(b" " * 300_000),
    "cut": Reply([{"index": 0, "score": 1.0}], cut=9),
    "silent": Reply(silent=True),
    "late": Reply([], late=True),
    "dripping": Reply([{"index": 0, "score": 1.0}] * 1000, drip=0.02),
    "401": Reply({"message": "no key"}, 401),
    "redirect": Reply({}, 307, {"Location": "http://127.0.0.1:9/"}),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_for_all_is_an_error_and_for_one_a_fallback(server: Answering, name: str) -> None:
    before = ids(RUN)
    ours = reranker(server, retries=0, workers=1)
    ours.client.longest_answer = 200_000

    def reply(request: Request, number: int) -> Reply:
        if number == 2 and name in ("late", "dripping"):
            ours.client.timeout = 0.2  # for the query after this one, which is the owl
        return NONSENSE[name] if request.body["query"] == "an owl" else tei(request)

    server.reply = reply
    assert ids(ours.rerank(QUERIES, RUN, k=10)) == by_overlap() | {"owl": list(TEXTS)}
    server.reply = lambda request, number: NONSENSE[name]
    with pytest.raises(EndpointError, match=r"http://127\.0\.0\.1"):
        ours.rerank(QUERIES, RUN, k=10)
    assert ids(RUN) == before


def test_a_busy_server_is_asked_again_after_what_it_says(server: Answering) -> None:
    server.reply = lambda request, number: Reply({}, 429, {"Retry-After": "0.01"}) if number == 1 else tei(request)
    assert ids(reranker(server).rerank(QUERIES[:1], RUN, k=10)) == {"fox": by_overlap()["fox"]}
    assert len(server.requests) == 2


def test_a_server_that_is_gone_is_not_asked_for_every_query(server: Answering) -> None:
    queries = [Query(str(number), "red") for number in range(50)]
    run = Run.from_rankings({query.id: Ranking.from_order(list(TEXTS)) for query in queries})
    server.reply = lambda request, number: tei(request) if number == 1 else Reply({}, 503)
    found = reranker(server, workers=1, retries=0).rerank(queries, run, k=10)
    assert len(server.requests) == 4
    assert sum(bool(note) for note in found.notes["fallback"]) == 49


def test_an_interrupt_ends_at_once_and_the_run_is_as_it_was(server: Answering) -> None:
    def reply(request: Request, number: int) -> Reply:
        if number == 3:  # all that there is to ask
            os.kill(os.getpid(), signal.SIGINT)
        return Reply([], late=True)

    server.reply = reply
    with pytest.raises(KeyboardInterrupt):  # and no EndpointError: no answer was waited for
        reranker(server).rerank(QUERIES, RUN, k=10)
    assert ids(RUN) == {query.id: list(TEXTS) for query in QUERIES}


def test_a_limit_ends_the_asking_and_the_rest_keep_their_order() -> None:
    queries = [Query(str(number), "red") for number in range(10)]
    run = Run.from_rankings({query.id: Ranking.from_order(list(TEXTS)) for query in queries})
    with answering(SPOKEN["cohere"]) as server:
        ours = reranker(server, "cohere", price=2.0, spend_limit_usd=0.005, workers=8)  # 0.002 a search
        found = ours.rerank(queries, run, k=10)
        assert len(server.requests) == 3
        assert found.notes["spent_usd"].count(0.002) == 3  # type: ignore[attr-defined]
        assert sum("spend limit of 0.005 US dollars is reached (0.006 spent)" in str(note) for note in found.notes["fallback"]) == 7
        with pytest.raises(SpendLimit):
            ours.rerank(queries, run, k=10)
    with answering(SPOKEN["voyage"]) as server:
        found = reranker(server, "voyage", spend_limit_tokens=20, workers=1).rerank(queries, run, k=10)
        assert len(server.requests) == 2  # 5 + 10 tokens each
        assert "spent_usd" not in found.notes


def test_documents_without_text_are_not_sent(server: Answering) -> None:
    empty = [Document("a", ""), Document("b", " \n"), Document("c", "", "title"), Document("d", "")]
    run = Run.from_rankings({"q": Ranking.from_order(["a", "b", "c", "d"]), "r": Ranking.from_order(["a", "b"])})
    ours = Hosted("m", ListCorpus(empty), provider="tei", base_url=server.url)
    found = ours.rerank([Query("q", "title"), Query("r", "x")], run, k=10)
    assert ids(found) == {"q": ["c", "a", "b", "d"], "r": ["a", "b"]}
    assert [request.body["texts"] for request in server.requests] == [["title"]]
    assert found.notes["calls"] == (1, 0)
    server.reply = lambda request, number: Reply([{"index": 0, "score": -1e38}])
    assert ids(ours.rerank([Query("q", "title")], run, k=10)) == {"q": ["c", "a", "b", "d"]}
    server.reply = lambda request, number: Reply({}, 400)
    with pytest.raises(EndpointError):  # a query that had nothing to ask does not count as answered
        ours.rerank([Query("q", "title"), Query("r", "x")], run, k=10)


def test_an_unknown_document_is_found_before_anything_is_paid_for(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    class Corpus(ListCorpus):
        def fetch(self, doc_ids: Any) -> list[Document]:
            if "nope" in doc_ids:
                raise UnknownDocument("nope")
            return super().fetch(doc_ids)

    monkeypatch.setattr(portions, "PAIRS", 6)
    monkeypatch.setattr(hosted, "PAIRS", 6)
    run = Run.from_rankings({"fox": Ranking.from_order(list(TEXTS)), "owl": Ranking.from_order(["nope"])})
    with pytest.raises(UnknownDocument, match="nope"):
        Hosted("m", Corpus(DOCUMENTS), provider="tei", base_url=server.url).rerank([QUERIES[0], QUERIES[3]], run, k=10)
    assert server.requests == []


def test_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CO_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="cohere wants a key: set the environment variable CO_API_KEY"):
        Hosted("m", ListCorpus(DOCUMENTS), provider="cohere").rerank(QUERIES, RUN, k=1)
    one = Hosted("m", ListCorpus([]), provider="cohere")
    monkeypatch.setenv("CO_API_KEY", KEY)
    assert one.fingerprint == Hosted("m", ListCorpus([]), provider="cohere").fingerprint
    with answering(lambda request, number: Reply({"message": f"{KEY} is wrong"}, 401)) as server:
        with pytest.raises(ModelError) as caught:
            reranker(server, "cohere").rerank(QUERIES, RUN, k=1)
        assert KEY not in str(caught.value)
    with answering(SPOKEN["cohere"]) as server:
        reranker(server, "cohere", api_key_env="").rerank(QUERIES[:1], RUN, k=1)
        assert "authorization" not in server.requests[0].headers


def test_arguments_and_fingerprints() -> None:
    wrong: dict[str, Any] = {
        "provider": "coher",
        "depth": 0,
        "batch_size": 0,
        "workers": 0,
        "price": -1.0,
        "spend_limit_usd": 5.0,  # without a price
        "spend_limit_tokens": 0,
        "timeout": 0,
        "retries": -1,
    }
    for name, value in wrong.items():
        with pytest.raises(BadValue, match=name):
            Hosted("m", ListCorpus([]), **({"provider": "tei", "base_url": "http://h"} | {name: value}))
    for provider in ("tei", "vllm", "vllm_score"):
        with pytest.raises(BadValue, match=f"the address of the {provider} server"):
            Hosted("m", ListCorpus([]), provider=provider)  # type: ignore[arg-type]

    def fingerprint(**given: Any) -> str:
        return Hosted(**({"model": "m", "corpus": ListCorpus([]), "provider": "vllm", "base_url": "http://h"} | given)).fingerprint

    assert fingerprint(workers=3, timeout=1.0) == fingerprint()
    for other in ({"model": "n"}, {"provider": "vllm_score"}, {"base_url": "http://i"}, {"depth": 5}, {"max_tokens": 7}, {"batch_size": 2}):
        assert fingerprint(**other) != fingerprint()


def test_eight_threads_agree(server: Answering) -> None:
    ours = reranker(server)
    ours.warm_up()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: ids(ours.rerank(QUERIES, RUN, k=10)), range(16)))
    assert all(run == by_overlap() for run in runs)


json = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 7) | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["index", "score", "results", "data", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json)
def test_no_answer_loses_or_doubles_a_document(server: Answering, answer: Any) -> None:
    server.reply = lambda request, number: Reply(answer) if request.body["query"] != "red fox" else tei(request)
    found = reranker(server, retries=0, workers=2).rerank(QUERIES, RUN, k=10)
    assert all(sorted(ranking.doc_ids) == sorted(TEXTS) for ranking in found.values())
    assert np.isfinite(found.scores).all()


def test_it_goes_before_and_after_other_stages(server: Answering) -> None:
    first = reranker(server).rerank(QUERIES, RUN, k=10)
    again = reranker(server).rerank(QUERIES, first, k=10)
    assert ids(again) == ids(first)
    assert again.notes["stage1.calls"] == (1, 1, None, 1)


def test_from_yaml() -> None:
    nodes = {
        "tei": {"hosted": {"model": "m", "provider": "tei", "base_url": "http://h", "retries": 0}},
        "voyge": {"hosted": {"model": "m", "provider": "voyge"}},
    }
    builder = Builder({}, context={"corpus": ListCorpus([])}, where="e.yaml")
    built = builder.reranker(nodes["tei"], where="x")
    assert isinstance(built, Hosted)
    assert (built.client.base_url, built.client.retries) == ("http://h", 0)
    with pytest.raises(UnknownName, match=r"unknown value 'voyge'.*Did you mean 'voyage'"):
        builder.reranker(nodes["voyge"], where="x")
