"""Warnings with counts: queries and documents without text, very long queries, judged documents that are not there."""

import warnings

import pytest

from irloom.core.errors import BadValue
from irloom.core.types import Document, Query
from irloom.pipelines.notices import LONG, check_queries, with_empty_counted


def test_queries_without_text_and_very_long_ones_are_counted() -> None:
    queries = [Query("a", " "), Query("b", "x"), Query("c", ""), Query("d", "x" * (LONG + 1))]
    with pytest.warns(UserWarning, match="queries") as caught:
        check_queries(queries, where="q.jsonl")
    first, second = (str(warning.message) for warning in caught)
    assert first == "q.jsonl: 2 of 4 queries (such as 'a') are without text; each gets an empty ranking"
    assert second.startswith("q.jsonl: 1 of 4 queries (such as 'd') is longer than 10,000 characters")


def test_a_query_id_that_no_run_file_can_hold_is_refused_before_the_work() -> None:
    for query_id in ("a b", "a\u00a0b", " a"):
        with pytest.raises(BadValue, match=r"^q\.jsonl: query id is .* without blanks"):
            check_queries([Query(query_id, "x")], where="q.jsonl")


def test_documents_without_text_are_counted_and_kept() -> None:
    documents = [Document("a", ""), Document("b", "x"), Document("c", "", "a title")]
    with pytest.warns(UserWarning, match=r"^d: 1 of 3 documents \(such as 'a'\) is without text"):
        assert list(with_empty_counted(documents, where="d")) == documents


def test_nothing_odd_nothing_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_queries([Query("a", "x" * LONG)], where="q.jsonl")
        assert len(list(with_empty_counted([Document("a", "x")], where="d"))) == 1
