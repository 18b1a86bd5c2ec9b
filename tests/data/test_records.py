"""One record: what is read, what is refused, and that writing reads back."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadLine
from irloom.core.types import Document, Filter, Query, Turn
from irloom.data.records import document_record, parse_record, query_record, to_document, to_query

HERE = Path("c.jsonl")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
META = st.dictionaries(TEXT, TEXT | st.integers() | st.booleans() | st.floats(allow_nan=False) | st.lists(TEXT).map(tuple), max_size=3)


def document(line: str) -> Document:
    return to_document(HERE, 1, parse_record(HERE, 1, line))


def query(line: str) -> Query:
    return to_query(HERE, 1, parse_record(HERE, 1, line))


def test_fields_and_foreign_fields() -> None:
    found = document(
        '{"_id": "1", "text": "t", "title": null, "lang": "de", "none": null, "metadata": {"tags": ["a", "b"], "deep": {}, "n": 2}}'
    )
    assert found == Document("1", "t", meta={"lang": "de", "tags": ("a", "b"), "n": 2})
    assert document('{"_id": 12, "text": ""}') == Document("12", "")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"_id": "1", "text": "t"', "broken JSON: .* at column"),
        ('{"_id": "1", "text": "t"} {}', "broken JSON: Extra data at column 27"),
        ("[" * 100_000, "broken JSON"),
        (f'{{"_id": {"9" * 5000}, "text": "t"}}', "a number of too many digits"),
        ("[1]", "a JSON list; expected an object"),
        ('{"id": "1", "text": "t"}', r"field '_id' is missing; each line needs '_id' and 'text' \(fields found: 'id', 'text'\)"),
        ("{}", "field '_id' is missing; each line needs '_id' and 'text'$"),
        ('{"_id": "", "text": "t"}', "'_id' is empty"),
        ('{"_id": 1.5, "text": "t"}', "'_id' is number; expected text"),
        ('{"_id": true, "text": "t"}', "'_id' is true or false"),
        ('{"_id": "1"}', "field 'text' is missing"),
        ('{"_id": "1", "text": null}', "field 'text' is null; expected text"),
        ('{"_id": "1", "text": "\\ud800"}', "half of a surrogate pair"),
        ('{"_id": "1", "text": "t", "title": 3}', "'title' is not text"),
        ('{"_id": "1", "text": "t", "parent": []', "broken JSON"),
        ('{"_id": "1", "text": "t", "parent": 5}', "'parent' is not text"),
        ('{"_id": "1", "text": "t", "span": [1]}', r"'span' is \[1\]; expected two whole numbers"),
        ('{"_id": "1", "text": "t", "images": "a.png"}', "'images' is not a list"),
        ('{"_id": "1", "text": "t", "metadata": 3}', "'metadata' is number"),
    ],
)
def test_refused_documents(line: str, problem: str) -> None:
    with pytest.raises(BadLine, match=rf"^c\.jsonl line 1: .*{problem}"):
        document(line)


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ('"turns": "hello"', "'turns' is text; expected a list"),
        ('"turns": [{"speaker": "dog", "text": "wuff"}]', "'speaker', which is 'user' or 'agent'"),
        ('"at": "yesterday"', "'at' is 'yesterday'"),
        ('"at": 3', "'at' is 3"),
        ('"where": 3', "'where' is number"),
        ('"where": "a = 1"', "'where': filter is 'a = 1'; expected '==' at character 3"),
    ],
)
def test_refused_queries(field: str, problem: str) -> None:
    with pytest.raises(BadLine, match=problem):
        query(f'{{"_id": "1", "text": "t", {field}}}')


@given(TEXT.filter(bool), TEXT, TEXT, TEXT, st.none() | st.tuples(st.integers(), st.integers()), META)
def test_documents_read_back(
    doc_id: str, text: str, title: str, parent: str, span: tuple[int, int] | None, meta: dict[str, object]
) -> None:
    written = Document(doc_id, text, title, (Path("a.png"),), parent, span, meta)  # type: ignore[arg-type]
    assert document(json.dumps(document_record(written))) == written


@given(TEXT.filter(bool), TEXT, st.lists(st.builds(Turn, st.sampled_from(["user", "agent"]), TEXT), max_size=2), st.none() | st.datetimes())
def test_queries_read_back(query_id: str, text: str, turns: list[Turn], at: datetime | None) -> None:
    written = Query(query_id, text, tuple(turns), (Path("b.png"),), Filter('lang == "en"'), at)
    assert query(json.dumps(query_record(written))) == written
