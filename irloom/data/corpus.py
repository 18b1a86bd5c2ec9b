"""Corpora and query files: JSONL as BEIR has them, and MS MARCO's two-column TSV; plain or gzipped, streamed."""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from irloom.core.errors import BadLine, BadValue, DataError
from irloom.core.types import Document, Query
from irloom.data.lines import read_lines, write_lines
from irloom.data.records import document_record, parse_record, query_record, record_id, to_document, to_query
from irloom.data.unique import UniqueIds

SUFFIXES = (".jsonl", ".jsonl.gz", ".tsv", ".tsv.gz")
_HEADINGS = frozenset((name, text) for name in ("id", "_id", "pid", "qid", "docid") for text in ("text", "passage", "query", "contents"))
"""First lines of a `.tsv` file that name its columns, as T2Ranking has them."""


def read_corpus(path: str | Path) -> Iterator[Document]:
    """Streams the documents of a `.jsonl` file (fields `_id`, `text`, `title`, ...) or a `.tsv` file (id, text).

    Raises:
        BadLine: broken JSON, a missing field, a wrong number of columns, not UTF-8.
        DuplicateDocument: an id occurs twice; the text names both lines.
        DataError: the file cannot be read, or holds no document.
    """
    path = Path(path)
    ids = UniqueIds(path, partial(_ids, path))
    if _is_tsv(path):
        for _, doc_id, text in _pairs(path):
            ids.add(doc_id)
            yield Document(doc_id, text)
    else:
        for number, line in read_lines(path):
            document = to_document(path, number, parse_record(path, number, line))
            ids.add(document.id)
            yield document
    ids.check()
    if not len(ids):
        raise DataError(f"{path} is an empty corpus: it holds no document; each line needs '_id' and 'text'")


def read_queries(path: str | Path) -> list[Query]:
    """The queries of a `.jsonl` file (fields `_id`, `text`, ...) or a `.tsv` file (id, text), in their order.

    Raises:
        BadLine: broken JSON, a missing field, a wrong number of columns, an id twice, not UTF-8.
        DataError: the file cannot be read.
    """
    path = Path(path)
    queries: dict[str, Query] = {}
    lines: dict[str, int] = {}
    for number, query in _numbered_queries(path):
        if query.id in lines:
            raise BadLine(path, number, f"query {query.id!r} is on line {lines[query.id]} already; ids must be unique")
        queries[query.id], lines[query.id] = query, number
    return list(queries.values())


def write_corpus(documents: Iterable[Document], path: str | Path) -> None:
    """Writes documents as `.jsonl` or, id and text only, as `.tsv`.

    Raises:
        BadValue: a `.tsv` cannot hold the document: an id or text with a tab or a line end, a title or other fields.
    """
    path = Path(path)
    if _is_tsv(path):
        write_lines(path, (_tsv_line(document.id, document.text, plain=document_record(document)) for document in documents))
    else:
        write_lines(path, (_json_line(document_record(document)) for document in documents))


def write_queries(queries: Iterable[Query], path: str | Path) -> None:
    """Writes queries as `.jsonl` or, id and text only, as `.tsv`.

    Raises:
        BadValue: a `.tsv` cannot hold the query: an id or text with a tab or a line end, or other fields.
    """
    path = Path(path)
    if _is_tsv(path):
        write_lines(path, (_tsv_line(query.id, query.text, plain=query_record(query)) for query in queries))
    else:
        write_lines(path, (_json_line(query_record(query)) for query in queries))


def _is_tsv(path: Path) -> bool:
    if not path.name.endswith(SUFFIXES):
        raise BadValue("path", str(path), f"a file that ends in {', '.join(SUFFIXES)}")
    return path.name.endswith((".tsv", ".tsv.gz"))


def _pairs(path: Path) -> Iterator[tuple[int, str, str]]:
    first = True
    for number, line in read_lines(path):
        columns = line.split("\t")
        heading, first = first and tuple(name.strip().lower() for name in columns) in _HEADINGS, False
        if heading:
            continue
        if len(columns) != 2 or not columns[0]:
            raise BadLine(path, number, f"{len(columns)} columns; each line needs an id, a tab and the text")
        yield number, columns[0], columns[1]


def _numbered_queries(path: Path) -> Iterator[tuple[int, Query]]:
    if _is_tsv(path):
        for number, query_id, text in _pairs(path):
            yield number, Query(query_id, text)
    else:
        for number, line in read_lines(path):
            yield number, to_query(path, number, parse_record(path, number, line))


def _ids(path: Path) -> Iterator[tuple[int, str]]:
    if _is_tsv(path):
        for number, doc_id, _ in _pairs(path):
            yield number, doc_id
    else:
        for number, line in read_lines(path):
            yield number, record_id(path, number, parse_record(path, number, line))


def _json_line(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": ")) + "\n"


def _tsv_line(item_id: str, text: str, *, plain: dict[str, object]) -> str:
    extra = [name for name, value in plain.items() if name not in ("_id", "text") and value]
    if extra or not item_id or any(mark in part for part in (item_id, text) for mark in "\t\r\n"):
        raise BadValue("record", plain["_id"], "an id and a text without tabs and line ends; use .jsonl for other records")
    return f"{item_id}\t{text}\n"
