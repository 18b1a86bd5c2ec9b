"""Rows with named columns."""

from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError
from irloom.core.types import Document, Query
from irloom.data.rows import documents_of, judgments_of, queries_of

WHERE = Path("set")


def test_documents() -> None:
    """By any usual name of a column; null is left out, further columns are metadata."""
    rows = [{"_id": "a", "title": "T", "text": "x"}, {"_id": "b", "title": None, "text": "y", "url": "u", "year": 1999, "deep": {"a": 1}}]
    assert list(documents_of(WHERE, rows)) == [Document("a", "x", "T"), Document("b", "y", meta={"url": "u", "year": 1999})]
    assert list(documents_of(WHERE, [{"docid": 7, "contents": "x"}])) == [Document("7", "x")]


def test_queries() -> None:
    assert queries_of(WHERE, [{"query-id": "q", "query": "x", "lang": "en"}]) == [Query("q", "x")]
    with pytest.raises(BadLine, match="set line 2: query 'q' is there already"):
        queries_of(WHERE, [{"_id": "q", "text": "x"}, {"_id": "q", "text": "x"}])


def test_judgments() -> None:
    rows = [{"query-id": "q", "corpus-id": "a", "score": 2.0}, {"query-id": "q", "corpus-id": "b", "score": 0}]
    assert judgments_of(WHERE, rows) == {"q": {"a": 2, "b": 0}}
    assert judgments_of(WHERE, [{"qid": 1, "docid": 2}]) == {"1": {"2": 1}}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{"name": "a", "text": "x"}], "set has no column of ids; expected one of _id, .*found name, text"),
        ([{"_id": "a", "body": "x"}], "set has no column of texts"),
        ([{"_id": "a", "text": None}], "set line 1: field 'text' is null"),
        ([{"_id": None, "text": "x"}], "set line 1: field '_id' is None; expected an id"),
        ([{"_id": "", "text": "x"}], "expected an id"),
        ([], "set holds no document"),
    ],
)
def test_bad_documents(rows, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        list(documents_of(WHERE, rows))


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "set holds no judgment"),
        ([{"query-id": "q", "doc": "a"}], "no column of document ids"),
        ([{"query-id": "q", "corpus-id": "a", "score": 0.5}], "line 1: grade 0.5 is not a whole number"),
        ([{"query-id": "q", "corpus-id": "a", "score": None}], "line 1: grade None is not a whole number"),
        ([{"query-id": "q", "corpus-id": "a", "score": float("nan")}], "is not a whole number"),
        ([{"query-id": "q", "corpus-id": "a", "score": grade} for grade in (1, 2)], "line 2: query 'q', document 'a': grade 2, but"),
    ],
)
def test_bad_judgments(rows, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        judgments_of(WHERE, rows)
