"""Judgments: TREC qrels (query, 0, document, grade) and BEIR's TSV (header; query, document, grade), told apart by their columns."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from irloom.core.errors import BadLine, BadValue, DataError, shortened
from irloom.core.types import Qrels
from irloom.data.lines import read_lines, write_lines

_BEIR_HEADER = "query-id\tcorpus-id\tscore"
_GREATEST = 2**31 - 1


def read_qrels(path: str | Path) -> dict[str, dict[str, int]]:
    """Reads judgments; the first line decides the format: four columns are TREC's, three between tabs BEIR's, with header or not.

    Returns:
        Grades by query id, then document id. The same judgment twice counts once.

    Raises:
        BadLine: a wrong number of columns, a grade that is no whole number or too great, a pair with two grades, not UTF-8.
        DataError: the file cannot be read, or holds no judgment.
    """
    path = Path(path)
    qrels: dict[str, dict[str, int]] = {}
    lines: dict[tuple[str, str], int] = {}
    for number, query_id, doc_id, grade in _judgments(path):
        judged = qrels.setdefault(query_id, {})
        first = lines.setdefault((query_id, doc_id), number)
        if judged.setdefault(doc_id, grade) != grade:
            problem = f"query {query_id!r}, document {doc_id!r}: grade {grade}, but line {first} says {judged[doc_id]}"
            problem += "; expected one grade, or an intent-aware measure such as alpha_nDCG@20 if the second column is an intent"
            raise BadLine(path, number, problem)
    if not qrels:
        raise DataError(f"{path} holds no judgment")
    return qrels


def write_qrels(qrels: Qrels, path: str | Path, *, layout: Literal["trec", "beir"] = "trec") -> None:
    """Writes judgments in TREC's four columns or as BEIR's TSV with its header.

    Raises:
        BadValue: an unknown layout; an id that is empty or holds a blank (TREC) or a tab or line end (BEIR).
    """
    if layout not in ("trec", "beir"):
        raise BadValue("layout", layout, "'trec' or 'beir'")
    write_lines(Path(path), _written(qrels, layout))


def _judgments(path: Path) -> Iterator[tuple[int, str, str, int]]:
    width = 0
    for number, line in read_lines(path):
        columns = _columns(line, width)
        if not width:
            width = len(columns)
            if width != 4 and not (width == 3 and line.count("\t") == 2):
                expected = "4 (query, 0, document, grade), or 3 with tabs between them as BEIR has (query, document, grade)"
                raise BadLine(path, number, f"{width} columns; expected {expected}")
            if width == 3 and columns[0].lower() in ("query-id", "query_id", "qid"):
                continue
        if len(columns) != width or not columns[0] or not columns[-2]:
            raise BadLine(path, number, f"{len([column for column in columns if column])} columns; expected {width}, as on the first line")
        yield number, columns[0], columns[-2], parse_grade(path, number, columns[-1])


def _columns(line: str, width: int) -> list[str]:
    columns = [column.strip() for column in line.split("\t")]
    return columns if len(columns) == width or (not width and len(columns) in (3, 4)) else line.split()


def parse_grade(path: Path, number: int, text: str) -> int:
    """A grade.

    Raises:
        BadLine: it is no whole number, or too great.
    """
    try:
        grade = int(text)
    except ValueError:
        raise BadLine(path, number, f"grade {shortened(repr(text))} is not a whole number") from None
    if abs(grade) > _GREATEST:
        raise BadLine(path, number, f"grade {shortened(repr(text))} is out of range; expected -{_GREATEST} to {_GREATEST}")
    return grade


def _written(qrels: Mapping[str, Mapping[str, int]], layout: Literal["trec", "beir"]) -> Iterator[str]:
    if layout == "beir":
        yield f"{_BEIR_HEADER}\n"
    for query_id, judged in qrels.items():
        _check(query_id, layout)
        for doc_id, grade in judged.items():
            _check(doc_id, layout)
            yield f"{query_id}\t{doc_id}\t{int(grade)}\n" if layout == "beir" else f"{query_id} 0 {doc_id} {int(grade)}\n"


def _check(item_id: str, layout: Literal["trec", "beir"]) -> None:
    if (layout == "trec" and len(item_id.split()) != 1) or item_id != item_id.strip() or not item_id:
        raise BadValue("id", item_id, "text without blanks, which separate the columns")
    if any(mark in item_id for mark in "\t\r\n"):
        raise BadValue("id", item_id, "text without tabs and line ends")
