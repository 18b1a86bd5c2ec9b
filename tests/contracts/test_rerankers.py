"""What every reranker of the registry promises."""

import json
from concurrent.futures import ThreadPoolExecutor
from numbers import Real

import pytest

from irloom.core.errors import BadValue, UnknownDocument
from irloom.core.notes import NOTES, plain_note
from irloom.core.ranking import Ranking
from irloom.core.registry import table
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.indexing.collection import Collection
from irloom.rerankers.failures import NoneAsked
from irloom.retrievers.bm25 import BM25
from tests.contracts.stages import DOCUMENTS, QUERIES, RERANKERS

RUN = Run.from_rankings({query.id: Ranking.from_order([document.id for document in DOCUMENTS[:-1]]) for query in QUERIES})


@pytest.fixture(params=sorted(RERANKERS))
def reranker(request: pytest.FixtureRequest, collection: Collection) -> Reranker:
    return RERANKERS[request.param](collection)


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(ranking) for query, ranking in run.items()}


def test_every_entry_is_here() -> None:
    assert set(RERANKERS) == {name for name, component in table("reranker").items() if component.target.startswith("irloom.")}


def test_all_documents_come_back_and_those_below_the_depth_keep_their_order(reranker: Reranker) -> None:
    run = reranker.rerank(QUERIES, RUN, k=100)
    for query in QUERIES:
        before, after = list(RUN[query.id].doc_ids), list(run[query.id].doc_ids)
        assert set(after[:4]) == set(before[:4])
        assert after[4:] == before[4:]
    assert run["whale"].doc_ids[0] == "d2"  # the only whale in the head


def test_ties_keep_the_given_order(reranker: Reranker) -> None:
    same = Run.from_rankings({"fox": Ranking.from_order(["d0", "d8"])})
    turned = Run.from_rankings({"fox": Ranking.from_order(["d8", "d0"])})
    assert list(reranker.rerank(QUERIES[:1], same, k=2)["fox"].doc_ids) == ["d0", "d8"]  # equal texts
    assert list(reranker.rerank(QUERIES[:1], turned, k=2)["fox"].doc_ids) == ["d8", "d0"]


def test_a_batch_equals_its_rows_one_by_one(reranker: Reranker) -> None:
    batch = rows(reranker.rerank(QUERIES, RUN, k=100))
    assert rows(reranker.rerank(QUERIES, RUN, k=100)) == batch
    for query in QUERIES:
        try:
            alone = rows(reranker.rerank([query], RUN, k=100))
        except NoneAsked:  # a query that leaves no room keeps the order given among others, and is an error where there are none
            assert [doc for doc, _ in batch[query.id]] == list(RUN[query.id].doc_ids)
        else:
            assert alone == {query.id: batch[query.id]}


def test_every_cut(reranker: Reranker) -> None:
    whole = reranker.rerank(QUERIES, RUN, k=100)
    for k in (0, 1, 4, 5):
        assert rows(reranker.rerank(QUERIES, RUN, k=k)) == rows(whole.cut(k))
    with pytest.raises(BadValue):
        reranker.rerank(QUERIES, RUN, k=-1)


def test_empty_rankings_stay_empty(reranker: Reranker) -> None:
    empty = Run.from_dict({query.id: {} for query in QUERIES})
    assert rows(reranker.rerank(QUERIES, empty, k=5)) == rows(empty)
    assert len(reranker.rerank([], empty, k=5)) == 0


def test_an_unknown_document_is_named(reranker: Reranker) -> None:
    with pytest.raises(UnknownDocument, match="'nope'"):
        reranker.rerank(QUERIES[:1], Run.from_dict({"fox": {"nope": 1.0}}), k=5)


def test_it_stands_on_the_right_of_the_operator(reranker: Reranker, collection: Collection) -> None:
    run = (BM25(collection) >> reranker).retrieve(QUERIES, k=3)
    assert list(run) == [query.id for query in QUERIES]
    assert len(run["fox"]) == 3
    assert len(run["empty"]) == 0


def test_eight_threads_agree(reranker: Reranker) -> None:
    reranker.warm_up()
    alone = rows(reranker.rerank(QUERIES, RUN, k=100))
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: reranker.rerank(QUERIES, RUN, k=100), range(8)))
    assert [rows(run) for run in runs] == [alone] * 8


def test_notes_are_plain_and_of_queries_that_were_reranked(reranker: Reranker) -> None:
    notes = reranker.rerank(QUERIES, RUN, k=100).notes
    for name, values in notes.items():
        assert json.loads(json.dumps(plain_note(values))) == list(values)
        by_query = dict(zip((query.id for query in QUERIES), values, strict=True))
        assert by_query["empty"] is by_query["blank"] is None
        if name == "fallback":
            assert all(isinstance(value, str) for value in values if value is not None)
        elif name in NOTES:
            assert all(isinstance(value, Real) and value >= 0 for value in values if value is not None)
