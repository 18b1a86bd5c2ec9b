"""Judgments by intent in the four columns of TREC's diversity tasks: query, intent, document, grade."""

from collections.abc import Iterator
from pathlib import Path

from irloom.core.errors import BadLine, BadValue, DataError
from irloom.core.intents import IntentQrels
from irloom.core.types import Qrel
from irloom.data.lines import read_lines, write_lines
from irloom.data.qrels import parse_grade

_WIDTH = 4


def read_intent_qrels(path: str | Path) -> IntentQrels:
    """Reads judgments whose second column names the intent that a document is judged for. The same judgment twice counts once.

    Raises:
        BadLine: not four columns, a grade that is no whole number or too great, a document with two grades for one intent, not
            UTF-8.
        DataError: the file cannot be read, or holds no judgment.
    """
    qrels = IntentQrels(_judgments(Path(path)))
    if not qrels:
        raise DataError(f"{path} holds no judgment")
    return qrels


def write_intent_qrels(qrels: IntentQrels, path: str | Path) -> None:
    """Writes the four columns.

    Raises:
        BadValue: an id or an intent is empty or holds a blank.
    """
    write_lines(Path(path), _written(qrels))


def _judgments(path: Path) -> Iterator[Qrel]:
    seen: dict[tuple[str, str, str], tuple[int, int]] = {}
    for number, line in read_lines(path):
        columns = line.split()
        if len(columns) != _WIDTH:
            raise BadLine(path, number, f"{len(columns)} columns; expected {_WIDTH} (query, intent, document, grade)")
        query_id, intent, doc_id, grade = *columns[:3], parse_grade(path, number, columns[3])
        first, earlier = seen.setdefault((query_id, intent, doc_id), (number, grade))
        if earlier != grade:
            place = f"query {query_id!r}, intent {intent!r}, document {doc_id!r}"
            raise BadLine(path, number, f"{place}: grade {grade}, but line {first} says {earlier}; expected one grade")
        yield Qrel(query_id, doc_id, grade, intent)


def _written(qrels: IntentQrels) -> Iterator[str]:
    for query_id, intents in qrels.intents.items():
        for intent, grades in intents.items():
            for doc_id, grade in grades.items():
                for name, value in (("query id", query_id), ("intent", intent), ("document id", doc_id)):
                    if value.split() != [value]:
                        raise BadValue(name, value, "text without blanks, which separate the columns")
                yield f"{query_id} {intent} {doc_id} {grade}\n"
