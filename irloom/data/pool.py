"""Pool files: JSONL, a line for each document of a query that waits for a judgment, with its texts and the runs that brought it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irloom.core.errors import BadLine, DataError, shortened
from irloom.data.lines import read_lines, write_lines
from irloom.data.records import parse_record


@dataclass(frozen=True, slots=True)
class PoolItem:
    """A document to judge.

    Attributes:
        query_id: the query.
        doc_id: the document.
        query: the query's text; "" where no dataset was named.
        title: the document's.
        text: the document's; "" where no dataset was named.
        sources: its rank in each run that brought it; kept, never shown to who judges.
    """

    query_id: str
    doc_id: str
    query: str = ""
    title: str = ""
    text: str = ""
    sources: Mapping[str, int] = field(default_factory=dict, hash=False)


_IDS, _TEXTS = ("query_id", "doc_id"), ("query", "title", "text")


def write_pool(items: Iterable[PoolItem], path: str | Path) -> None:
    """Writes a pool; the file appears whole or not at all."""
    write_lines(Path(path), (json.dumps(_record(item), ensure_ascii=False) + "\n" for item in items))


def read_pool(path: str | Path) -> list[PoolItem]:
    """Reads a pool; fields other than irloom's own are passed over.

    Raises:
        BadLine: broken JSON, a field that is missing or no text, a pair that stands there twice, not UTF-8.
        DataError: the file cannot be read, or holds nothing.
    """
    path = Path(path)
    items: dict[tuple[str, str], PoolItem] = {}
    for number, line in read_lines(path):
        record = parse_record(path, number, line)
        query_id, doc_id = (_id(path, number, record, name) for name in _IDS)
        query, title, text = (_text(path, number, record, name) for name in _TEXTS)
        item = PoolItem(query_id, doc_id, query, title, text, _sources(path, number, record))
        if (item.query_id, item.doc_id) in items:
            raise BadLine(path, number, f"query {item.query_id!r}, document {item.doc_id!r} stands there twice")
        items[item.query_id, item.doc_id] = item
    if not items:
        raise DataError(f"{path} holds nothing to judge; 'irloom pool' makes such files of runs")
    return list(items.values())


def _record(item: PoolItem) -> dict[str, object]:
    return {**{name: getattr(item, name) for name in (*_IDS, *_TEXTS)}, "sources": dict(item.sources)}


def _id(path: Path, number: int, record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or value.split() != [value]:
        found = f"is {shortened(repr(value))}" if name in record else "is missing"
        raise BadLine(path, number, f"field {name!r} {found}; expected an id without blanks")
    return value


def _text(path: Path, number: int, record: Mapping[str, Any], name: str) -> str:
    value = record.get(name, "")
    if not isinstance(value, str):
        raise BadLine(path, number, f"field {name!r} is {shortened(repr(value))}; expected text")
    return value


def _sources(path: Path, number: int, record: Mapping[str, Any]) -> dict[str, int]:
    sources = record.get("sources", {})
    if not isinstance(sources, dict) or not all(type(rank) is int for rank in sources.values()):
        raise BadLine(path, number, "field 'sources' is no object of ranks by run")
    return sources
