"""Click logs: one impression of a document a line, as TSV (query, document, rank, clicked) or JSONL with those fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadLine, DataError, shortened
from irloom.data.lines import read_lines
from irloom.data.records import parse_record

Ints: TypeAlias = NDArray[np.int64]

_FIELDS = ("query", "document", "rank", "clicked")
_CLICKED = {"0": False, "1": True, "false": False, "true": True}
_GREATEST_RANK = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ClickLog:
    """Impressions and clicks, counted by query, document and rank.

    Attributes:
        pairs: the p different pairs of query id and document id, in the order of their first impression.
        pair: int64 (n,), the place in `pairs` of each count.
        rank: int64 (n,), from 1.
        impressions: int64 (n,), how often the pair was shown at the rank, 1 or more.
        clicks: int64 (n,), how often it was clicked there.
    """

    pairs: tuple[tuple[str, str], ...]
    pair: Ints
    rank: Ints
    impressions: Ints
    clicks: Ints


def read_clicks(path: str | Path) -> ClickLog:
    """Reads a click log, plain or gzipped; a name that ends in `.jsonl` is JSONL, another TSV, with or without a header.

    Raises:
        BadLine: a column or field is missing, a rank is no whole number from 1, clicked is neither 0 nor 1, not UTF-8.
        DataError: the file cannot be read, or holds no impression.
    """
    path = Path(path)
    records = _jsonl(path) if path.name.removesuffix(".gz").endswith(".jsonl") else _tsv(path)
    counts: dict[tuple[str, str, int], list[int]] = {}
    for query_id, doc_id, rank, clicked in records:
        count = counts.setdefault((query_id, doc_id, rank), [0, 0])
        count[0] += 1
        count[1] += clicked
    if not counts:
        raise DataError(f"{path} holds no impression; each line needs query, document, rank and clicked (0 or 1)")
    return count_clicks({key: (shown, clicked) for key, (shown, clicked) in counts.items()})


def count_clicks(counts: Mapping[tuple[str, str, int], tuple[int, int]]) -> ClickLog:
    """A log of impressions and clicks by query id, document id and rank from 1."""
    places: dict[tuple[str, str], int] = {}
    pair = np.array([places.setdefault(key[:2], len(places)) for key in counts], np.int64)
    rank = np.array([key[2] for key in counts], np.int64)
    shown, clicked = np.array(list(counts.values()), np.int64).reshape(-1, 2).T
    return ClickLog(tuple(places), pair, rank, shown.copy(), clicked.copy())


def _tsv(path: Path) -> Iterator[tuple[str, str, int, bool]]:
    for number, line in read_lines(path):
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) != len(_FIELDS) or not all(columns):
            filled = len([column for column in columns if column])
            raise BadLine(path, number, f"{filled} columns; expected 4 with tabs between them: query, document, rank, clicked")
        if number == 1 and not columns[2].isdecimal() and columns[3].lower() not in _CLICKED:
            continue
        yield columns[0], columns[1], _rank(path, number, columns[2]), _clicked(path, number, columns[3])


def _jsonl(path: Path) -> Iterator[tuple[str, str, int, bool]]:
    for number, line in read_lines(path):
        record = parse_record(path, number, line)
        missing = [field for field in _FIELDS if field not in record]
        if missing:
            raise BadLine(path, number, f"field {missing[0]!r} is missing; each line needs {', '.join(map(repr, _FIELDS))}")
        query_id, doc_id = (_id(path, number, field, record[field]) for field in ("query", "document"))
        yield query_id, doc_id, _rank(path, number, record["rank"]), _clicked(path, number, record["clicked"])


def _id(path: Path, number: int, field: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise BadLine(path, number, f"field {field!r} is {shortened(repr(value))}; expected an id")
    return value


def _rank(path: Path, number: int, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and 1 <= int(text[:20]) <= _GREATEST_RANK):
        raise BadLine(path, number, f"rank {shortened(repr(value))} is no whole number from 1 to {_GREATEST_RANK}")
    return int(text)


def _clicked(path: Path, number: int, value: Any) -> bool:
    clicked = _CLICKED.get(str(value).lower())
    if clicked is None:
        raise BadLine(path, number, f"clicked is {shortened(repr(value))}; expected 0 or 1")
    return clicked
