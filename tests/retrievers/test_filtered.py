"""A retriever within a filter."""

import pytest

from irloom.core.errors import BadFilter
from irloom.core.types import Document, Filter, Query
from irloom.pipelines.searcher import Searcher, index_texts
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.filtered import Filtered, within


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return index_texts(
        [
            Document("en-1", "fox", meta={"lang": "en", "year": 2019}),
            Document("en-2", "fox fox", meta={"lang": "en", "year": 2021}),
            Document("de-1", "fox fox fox", meta={"lang": "de", "year": 2021}),
        ]
    )


def test_it_finds_what_its_filter_and_the_query_allow(searcher: Searcher) -> None:
    english = Filtered(searcher.retriever, "lang == 'en'")
    assert english.retrieve([Query("q", "fox")], k=10)["q"].doc_ids == ["en-2", "en-1"]
    assert english.retrieve([Query("q", "fox", where=Filter("year < 2020"))], k=10)["q"].doc_ids == ["en-1"]
    assert Filtered(english, "year > 2020").retrieve([Query("q", "fox")], k=10)["q"].doc_ids == ["en-2"]


def test_it_is_known_by_its_filter(searcher: Searcher) -> None:
    one, same, other = (Filtered(searcher.retriever, text) for text in ("lang=='en'", 'lang == "en"', "lang == 'de'"))
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert other.fingerprint != searcher.retriever.fingerprint
    assert (one.label, one.exact_cuts) == ("BM25", True)
    with pytest.raises(BadFilter):
        Filtered(BM25(searcher.collection), "lang = 'en'")


def test_queries_keep_their_own_filters() -> None:
    queries = [Query("1", "a"), Query("2", "b", where=Filter("x == 1 or y == 2"))]
    assert within(queries, None) == queries
    narrowed = within(queries, Filter("z exists"))
    assert [query.where and query.where.expression for query in narrowed] == ["z exists", "(x == 1 or y == 2) and z exists"]
    assert within(narrowed[:1], Filter("z exists")) == narrowed[:1]
