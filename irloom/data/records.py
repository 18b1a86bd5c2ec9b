"""One record of a JSONL file: text to Document or Query, and back."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from irloom.core.errors import BadFilter, BadLine
from irloom.core.types import EMPTY, Document, Filter, MetaValue, Query, Turn

_DOCUMENT_FIELDS = frozenset({"_id", "text", "title", "images", "parent", "span", "metadata"})


def parse_record(path: Path, number: int, line: str) -> dict[str, Any]:
    """The JSON object of a line.

    Raises:
        BadLine: not JSON, not an object, or text that is no valid Unicode.
    """
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadLine(path, number, f"broken JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise BadLine(path, number, "broken JSON: nested too deeply") from None
    except ValueError:
        raise BadLine(path, number, "broken JSON: a number of too many digits") from None
    if not isinstance(record, dict):
        raise BadLine(path, number, f"a JSON {_kind(record)}; expected an object with '_id' and 'text'")
    if "\\u" in line:
        try:
            json.dumps(record, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise BadLine(path, number, "holds half of a surrogate pair, which is no valid Unicode") from None
    return record


def record_id(path: Path, number: int, record: Mapping[str, Any]) -> str:
    """The `_id` of a record; a whole number is taken as its digits.

    Raises:
        BadLine: the id is missing, empty, or neither text nor a whole number.
    """
    if "_id" not in record:
        found = f" (fields found: {', '.join(map(repr, record))})" if record else ""
        raise BadLine(path, number, f"field '_id' is missing; each line needs '_id' and 'text'{found}")
    value = record["_id"]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadLine(path, number, f"field '_id' is {_kind(value)}; expected text")
    if not value:
        raise BadLine(path, number, "field '_id' is empty; each line needs an id of its own")
    return value


def to_document(path: Path, number: int, record: Mapping[str, Any]) -> Document:
    """A document of a record; fields that are not irloom's own, and those under `metadata`, become its `meta`.

    Raises:
        BadLine: a field is missing or of the wrong type.
    """
    doc_id, text = record_id(path, number, record), _text(path, number, record)
    title = record.get("title") or ""
    parent = record.get("parent") or ""
    if not isinstance(title, str) or not isinstance(parent, str):
        raise BadLine(path, number, f"field {'title' if not isinstance(title, str) else 'parent'!r} is not text")
    if len(record) <= 3 and "title" in record:
        return Document(doc_id, text, title)
    return Document(
        doc_id, text, title, _images(path, number, record), parent, _span(path, number, record.get("span")), _meta(path, number, record)
    )


def to_query(path: Path, number: int, record: Mapping[str, Any]) -> Query:
    """A query of a record. `turns` is a list of {"speaker", "text"}, `where` a condition, `at` a time in ISO 8601.

    Raises:
        BadLine: a field is missing or of the wrong type.
    """
    query_id, text = record_id(path, number, record), _text(path, number, record)
    if len(record) == 2:
        return Query(query_id, text)
    at = record.get("at")
    try:
        moment = datetime.fromisoformat(at) if at is not None else None
    except (TypeError, ValueError):
        raise BadLine(path, number, f"field 'at' is {at!r}; expected a time such as '2026-01-31T12:00:00'") from None
    return Query(
        query_id,
        text,
        turns=_turns(path, number, record.get("turns")),
        images=_images(path, number, record),
        where=_where(path, number, record.get("where")),
        at=moment,
    )


def document_record(document: Document) -> dict[str, Any]:
    """The record that `to_document` reads back as the same document."""
    record: dict[str, Any] = {"_id": document.id, "title": document.title, "text": document.text}
    if document.images:
        record["images"] = [str(path) for path in document.images]
    if document.parent:
        record["parent"] = document.parent
    if document.span is not None:
        record["span"] = list(document.span)
    if document.meta:
        record["metadata"] = {name: list(value) if isinstance(value, tuple) else value for name, value in document.meta.items()}
    return record


def query_record(query: Query) -> dict[str, Any]:
    """The record that `to_query` reads back as the same query."""
    record: dict[str, Any] = {"_id": query.id, "text": query.text}
    if query.turns:
        record["turns"] = [{"speaker": turn.speaker, "text": turn.text} for turn in query.turns]
    if query.images:
        record["images"] = [str(path) for path in query.images]
    if query.where is not None:
        record["where"] = query.where.expression
    if query.at is not None:
        record["at"] = query.at.isoformat()
    return record


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "true or false", int: "number", float: "number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


def _text(path: Path, number: int, record: Mapping[str, Any]) -> str:
    if "text" not in record:
        raise BadLine(path, number, "field 'text' is missing; each line needs '_id' and 'text'")
    text = record["text"]
    if not isinstance(text, str):
        raise BadLine(path, number, f"field 'text' is {_kind(text)}; expected text")
    return text


def _images(path: Path, number: int, record: Mapping[str, Any]) -> tuple[Path, ...]:
    images = record.get("images") or []
    if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
        raise BadLine(path, number, "field 'images' is not a list of paths")
    return tuple(Path(image) for image in images)


def _span(path: Path, number: int, span: object) -> tuple[int, int] | None:
    if span is None:
        return None
    if isinstance(span, list) and len(span) == 2 and type(span[0]) is int and type(span[1]) is int:
        return span[0], span[1]
    raise BadLine(path, number, f"field 'span' is {span!r}; expected two whole numbers")


def _where(path: Path, number: int, where: object) -> Filter | None:
    if where is None:
        return None
    if not isinstance(where, str):
        raise BadLine(path, number, f"field 'where' is {_kind(where)}; expected text")
    try:
        return Filter(where)
    except BadFilter as error:
        raise BadLine(path, number, f"field 'where': {error}") from None


def _turns(path: Path, number: int, turns: object) -> tuple[Turn, ...]:
    if turns is None:
        return ()
    if not isinstance(turns, list):
        raise BadLine(path, number, f"field 'turns' is {_kind(turns)}; expected a list")
    return tuple(_turn(path, number, turn) for turn in turns)


def _turn(path: Path, number: int, turn: object) -> Turn:
    if isinstance(turn, dict) and isinstance(turn.get("text"), str):
        speakers: tuple[Literal["user", "agent"], ...] = ("user", "agent")
        for speaker in speakers:
            if turn.get("speaker") == speaker:
                return Turn(speaker, turn["text"])
    raise BadLine(path, number, "each of 'turns' needs 'speaker', which is 'user' or 'agent', and 'text'")


def _meta(path: Path, number: int, record: Mapping[str, Any]) -> Mapping[str, MetaValue]:
    """Values that a document's meta can hold; null and nested objects are left out."""
    nested = record.get("metadata") or {}
    if not isinstance(nested, dict):
        raise BadLine(path, number, f"field 'metadata' is {_kind(nested)}; expected an object")
    meta: dict[str, MetaValue] = {}
    for name, value in [*((name, value) for name, value in record.items() if name not in _DOCUMENT_FIELDS), *nested.items()]:
        if isinstance(value, str | int | float | bool):
            meta[name] = value
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            meta[name] = tuple(value)
    return meta or EMPTY
