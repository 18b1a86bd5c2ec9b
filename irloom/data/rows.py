"""Rows of a table with named columns, as Parquet and the Hub have them, to documents, queries and judgments."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from irloom.core.errors import BadLine, DataError
from irloom.core.types import Document, Query
from irloom.data.records import to_document, to_query

IDS = ("_id", "id", "doc_id", "docid", "corpus-id", "corpus_id", "query-id", "query_id", "pid", "qid")
TEXTS = ("text", "contents", "content", "passage", "query")
QUERY_IDS = ("query-id", "query_id", "qid")
DOC_IDS = ("corpus-id", "corpus_id", "doc_id", "docid", "pid")
GRADES = ("score", "relevance", "label", "grade", "rel")


def documents_of(where: Path, rows: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """Documents of rows; columns beyond id, title and text become metadata, and null ones are left out.

    Args:
        where: the file or the repository, for errors; they count rows from 1.
        rows: by column.

    Raises:
        BadLine: a row without an id or a text.
        DataError: there is no column of ids or of texts, or no row.
    """
    count = 0
    for count, row in enumerate(rows, 1):
        yield to_document(where, count, _record(where, count, row))
    if not count:
        raise DataError(f"{where} holds no document")


def queries_of(where: Path, rows: Iterable[Mapping[str, Any]]) -> list[Query]:
    """Queries of rows, of which only id and text are taken.

    Raises:
        BadLine: a row without an id or a text, or an id twice.
        DataError: there is no column of ids or of texts.
    """
    queries: dict[str, Query] = {}
    for number, row in enumerate(rows, 1):
        record = _record(where, number, row)
        query = to_query(where, number, {"_id": record["_id"], "text": record["text"]})
        if query.id in queries:
            raise BadLine(where, number, f"query {query.id!r} is there already; ids must be unique")
        queries[query.id] = query
    return list(queries.values())


def judgments_of(where: Path, rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Grades by query id, then document id; without a column of grades, as NanoBEIR has it, each pair is of grade 1.

    Raises:
        BadLine: an id is missing, a grade is no whole number, or a pair has two grades.
        DataError: there is no column of query or document ids, or no row.
    """
    qrels: dict[str, dict[str, int]] = {}
    for number, row in enumerate(rows, 1):
        query_id = _text(where, number, row, column(where, row, QUERY_IDS, "query ids"))
        doc_id = _text(where, number, row, column(where, row, DOC_IDS, "document ids"))
        name = next((name for name in GRADES if name in row), None)
        grade = 1 if name is None else _grade(where, number, row[name])
        if qrels.setdefault(query_id, {}).setdefault(doc_id, grade) != grade:
            raise BadLine(where, number, f"query {query_id!r}, document {doc_id!r}: grade {grade}, but an earlier row says otherwise")
    if not qrels:
        raise DataError(f"{where} holds no judgment")
    return qrels


def column(where: Path, row: Mapping[str, Any], names: tuple[str, ...], what: str) -> str:
    """The first of several names that a row has.

    Raises:
        DataError: it has none of them.
    """
    found = next((name for name in names if name in row), None)
    if found is None:
        raise DataError(f"{where} has no column of {what}; expected one of {', '.join(names)}, found {', '.join(row) or 'none'}")
    return found


def _record(where: Path, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    name, text = column(where, row, IDS, "ids"), column(where, row, TEXTS, "texts")
    if row[text] is None:
        raise BadLine(where, number, f"field {text!r} is null; expected text")
    rest = {key: value for key, value in row.items() if key not in (name, text) and value is not None}
    return {"_id": _text(where, number, row, name), "text": row[text], **rest}


def _text(where: Path, number: int, row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise BadLine(where, number, f"field {name!r} is {value!r}; expected an id")
    return str(value)


def _grade(where: Path, number: int, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not float(value).is_integer():
        raise BadLine(where, number, f"grade {value!r} is not a whole number")
    return int(value)
