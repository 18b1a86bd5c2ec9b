"""What every retriever of the registry promises."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.core.registry import table
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Filter, Query
from irloom.feedback.first_feedback import FirstFeedback
from irloom.fusion.component import FusedRetriever
from irloom.indexing.collection import Collection
from irloom.retrievers.passages import Passages
from tests.contracts.stages import DOCUMENTS, QUERIES, RETRIEVERS, write
from tests.indexing.filter_truth import holds


@pytest.fixture(params=sorted(RETRIEVERS))
def retriever(request: pytest.FixtureRequest, collection: Collection) -> Retriever:
    return RETRIEVERS[request.param](collection)


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(ranking) for query, ranking in run.items()}


def test_every_entry_is_here() -> None:
    assert set(RETRIEVERS) == {name for name, component in table("retriever").items() if component.target.startswith("irloom.")}


def test_the_same_input_gives_the_same_run(retriever: Retriever) -> None:
    assert rows(retriever.retrieve(QUERIES, k=5)) == rows(retriever.retrieve(QUERIES, k=5))


def test_a_batch_equals_its_rows_one_by_one(retriever: Retriever) -> None:
    batch = rows(retriever.retrieve(QUERIES, k=5))
    assert batch == {query.id: rows(retriever.retrieve([query], k=5))[query.id] for query in QUERIES}
    assert rows(retriever.retrieve(QUERIES[::-1], k=5)) == batch


def test_every_cut(retriever: Retriever) -> None:
    whole = retriever.retrieve(QUERIES, k=100)
    assert all(len(ranking) <= len(DOCUMENTS) for ranking in whole.values())
    assert len(whole["fox"]) >= 2
    for k in (0, 1, 3):
        assert rows(retriever.retrieve(QUERIES, k=k)) == rows(whole.cut(k))
    with pytest.raises(BadValue):
        retriever.retrieve(QUERIES, k=-1)


def test_rankings_are_sorted_without_repetition(retriever: Retriever) -> None:
    for ranking in retriever.retrieve(QUERIES, k=100).values():
        assert len(set(ranking.doc_ids)) == len(ranking)
        pairs = [(-score, doc_id) for doc_id, score in ranking]
        assert all(a[0] < b[0] or (a[0] == b[0] and a[1] > b[1]) for a, b in itertools.pairwise(pairs))
        assert np.isfinite(ranking.scores).all()


def test_a_query_without_text_keeps_its_key(retriever: Retriever) -> None:
    run = retriever.retrieve(QUERIES, k=5)
    assert list(run) == [query.id for query in QUERIES]
    assert len(run["empty"]) == len(run["blank"]) == 0
    assert len(retriever.retrieve([], k=5)) == 0


def test_requests_that_cannot_be_met(retriever: Retriever) -> None:
    with pytest.raises(BadValue, match="once each"):
        retriever.retrieve([QUERIES[0], QUERIES[0]], k=5)
    for text, error in (("odd == true", UnknownName), ('even == "yes"', BadValue)):
        with pytest.raises(error):
            retriever.retrieve([QUERIES[0], Query("q", "fox", where=Filter(text))], k=5)


@pytest.mark.parametrize("text", ["even == true", "even != true", 'id in ("d1", "d5")', 'id == "d3" and even == true', 'parent >= "p2"'])
def test_filters_allow_what_they_say(retriever: Retriever, text: str) -> None:
    """A filtered ranking is the whole one without what the filter keeps out, where it is of documents and not made of a depth."""
    where = Filter(text)
    allowed = [document for document in DOCUMENTS if holds(where.condition, document)]
    ids = {document.parent if isinstance(retriever, Passages) else document.id for document in allowed}
    whole, asked = retriever.retrieve(QUERIES, k=100), [replace(query, where=where) for query in QUERIES]
    for k in (1, 100):
        found = retriever.retrieve(asked, k=k)
        assert list(found) == [query.id for query in QUERIES]
        for query, ranking in found.items():
            assert set(ranking.doc_ids) <= ids
            assert len(set(ranking.doc_ids)) == len(ranking) <= k
            if not isinstance(retriever, FusedRetriever | Passages | FirstFeedback):
                assert list(ranking) == [(doc_id, score) for doc_id, score in whole[query] if doc_id in ids][:k]


def test_each_query_has_its_own_filter(retriever: Retriever) -> None:
    filters = [None, Filter("even == true"), Filter('id < "d5"'), None, Filter("even == true"), Filter('parent == "p9"')]
    mixed = [replace(query, where=where) for query, where in zip(QUERIES, filters, strict=True)]
    alone = {query.id: rows(retriever.retrieve([query], k=5))[query.id] for query in mixed}
    assert rows(retriever.retrieve(mixed, k=5)) == alone


def test_eight_threads_agree(retriever: Retriever) -> None:
    retriever.warm_up()
    expected = rows(retriever.retrieve(QUERIES, k=5))
    with ThreadPoolExecutor(8) as pool:
        assert all(rows(run) == expected for run in pool.map(lambda _: retriever.retrieve(QUERIES, k=5), range(16)))


@pytest.mark.parametrize("name", sorted(RETRIEVERS))
def test_built_again_elsewhere_it_finds_the_same(name: str, collection: Collection, tmp_path: Path) -> None:
    again = RETRIEVERS[name](write(tmp_path / "again"))
    here = RETRIEVERS[name](collection)
    assert rows(again.retrieve(QUERIES, k=5)) == rows(here.retrieve(QUERIES, k=5))
    assert again.fingerprint == here.fingerprint
