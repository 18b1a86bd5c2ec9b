"""Rerankings some queries at a time."""

from collections.abc import Callable, Iterator

import pytest

from irloom.core.errors import EndpointError, ModelError
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.pipelines.rerank_in_batches import rerank_in_batches
from irloom.rerankers.attention.icr import ICR
from irloom.rerankers.hosted.hosted import Hosted
from tests.answering import Answering, Reply, Request, answering
from tests.fakes import ListCorpus
from tests.fakes_hosted import tei
from tests.fakes_llm import FakeDecoder
from tests.pipelines.turning import Turning
from tests.rerankers.attention.conftest import Texts

CORPUS = ListCorpus([Document("a", "owls"), Document("b", "red fox"), Document("c", "fox")])
QUERIES = [Query(f"q{number}", f"fox {number}") for number in range(9)]
RUN = Run.from_rankings({query.id: Ranking.from_order(["a", "b", "c"]) for query in QUERIES})


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query_id: list(ranking) for query_id, ranking in run.items()}


@pytest.mark.parametrize("size", [1, 4, 8, 20])
def test_batches_give_the_run_of_one_call(size: int) -> None:
    queries = [*QUERIES[::-1], Query("unknown", "fox")]
    whole = Turning("m", CORPUS).rerank(queries, RUN, k=2)
    parts = rerank_in_batches(Turning("m", CORPUS), RUN, queries, k=2, size=size)
    assert rows(parts) == rows(whole)
    assert parts.notes == whole.notes
    assert list(parts.columns) == list(whole.columns)


@pytest.mark.parametrize("longest_first", [False, True])
def test_a_batch_of_queries_without_room(longest_first: bool) -> None:
    """They keep the order given where another batch did better: before, after, or before an interrupt."""
    texts = Texts()
    short = [Query(f"q{number}", "whale") for number in range(8)]
    long = [Query(f"long{number}", "whale " * 400) for number in range(8 if longest_first else 1)]
    queries = [*long, *short] if longest_first else [*short, *long]
    run = Run.from_rankings({query.id: texts.run["q"] for query in queries})
    reranker = ICR(FakeDecoder(context=500), texts)
    counts: list[tuple[int, int]] = []
    done = rerank_in_batches(reranker, run, queries, k=3, size=8, progress=lambda _, made, of: counts.append((made, of)))
    fallback = dict(zip(done, done.notes["fallback"], strict=True))
    for query in long:
        assert done[query.id].doc_ids == run[query.id].cut(3).doc_ids
        assert str(fallback[query.id]).startswith("order given: the query leaves no room")
    assert {fallback[query.id] for query in short} == {""}
    assert done.query_ids == run.query_ids
    assert counts == [(8, len(queries)), (len(queries), len(queries))]
    found = {query.id: done.rows([query.id]) for query in short}
    again = rerank_in_batches(reranker, run, queries, k=3, size=8, progress=lambda *_: None, found=found)
    assert again["long0"].doc_ids == done["long0"].doc_ids
    with pytest.raises(ModelError, match=f"all {len(long)} queries failed; the first, 'long0': the query leaves no room"):
        rerank_in_batches(reranker, run, long, k=3, size=8, progress=lambda *_: None)


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering(tei) as running:
        yield running


def failing(server: Answering, status: int, *numbers: int) -> Callable[[Request, int], Reply]:
    """A server that refuses some queries."""
    return lambda request, _: Reply({}, status) if request.body["query"] in {f"fox {number}" for number in numbers} else tei(request)


def hosted(server: Answering) -> Hosted:
    return Hosted("m", CORPUS, provider="tei", base_url=server.url, retries=0, first_wait=0.0)


@pytest.mark.parametrize("bad", [(8,), (4, 5, 6, 7)])
def test_a_batch_that_a_server_refuses_keeps_its_order_where_others_were_answered(server: Answering, bad: tuple[int, ...]) -> None:
    server.reply = failing(server, 413, *bad)
    done = rerank_in_batches(hosted(server), RUN, QUERIES, k=3, size=4)
    fallback = dict(zip(done, done.notes["fallback"], strict=True))
    for number, query in enumerate(QUERIES):
        assert done[query.id].doc_ids == (["a", "b", "c"] if number in bad else ["c", "b", "a"])
        assert str(fallback[query.id]).startswith("order given: http") == (number in bad)
    found = {query.id: done.rows([query.id]) for number, query in enumerate(QUERIES) if number not in bad}
    assert rows(rerank_in_batches(hosted(server), RUN, QUERIES, k=3, size=4, found=found)) == rows(done)


def test_a_server_that_refuses_the_first_batch_is_asked_no_more(server: Answering) -> None:
    server.reply = failing(server, 400, 0, 1, 2, 3)
    with pytest.raises(EndpointError, match="status 400"):
        rerank_in_batches(hosted(server), RUN, QUERIES, k=3, size=4)
    assert len(server.requests) == 4


def test_a_server_that_is_gone_is_asked_no_more(server: Answering) -> None:
    server.reply = failing(server, 503, 4, 5, 6, 7, 8)
    with pytest.raises(EndpointError, match="status 503"):
        rerank_in_batches(hosted(server), RUN, QUERIES, k=3, size=4)
    assert "fox 8" not in [request.body["query"] for request in server.requests]
