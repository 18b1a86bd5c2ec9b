"""The log beside a file of judgments: who gave each one when, and of a model what it was, what it was asked and what it wrote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from irloom.core.errors import BadLine
from irloom.core.files import open_for_write
from irloom.core.types import Json
from irloom.data.lines import read_lines, write_lines
from irloom.data.records import parse_record


@dataclass(frozen=True, slots=True)
class Given:
    """One judgment as it was given; a later one of the same pair takes its place.

    Attributes:
        query_id: the query.
        doc_id: the document.
        grade: 0 to 3.
        judge: who gave it; of a model the prompt's name and the model's.
        at: when, in ISO 8601.
        kind: what gave it, "human" or "model".
        detail: of a model its fingerprint, the prompt, what it wrote and how that was read; empty for people.
    """

    query_id: str
    doc_id: str
    grade: int
    judge: str
    at: str
    kind: str = "human"
    detail: Mapping[str, Json] = field(default_factory=dict, hash=False)


def log_path(output: Path) -> Path:
    """The log beside a file of judgments."""
    return output.with_name(f"{output.name}.log.jsonl")


def qrels_of(given: Sequence[Given]) -> dict[str, dict[str, int]]:
    """The grades that hold, by query, then document."""
    qrels: dict[str, dict[str, int]] = {}
    for one in given:
        qrels.setdefault(one.query_id, {})[one.doc_id] = one.grade
    return qrels


def write_log(output: Path, given: Sequence[Given]) -> None:
    """Writes the whole log beside a file of judgments; it appears in one step."""
    write_lines(log_path(output), map(_line, given))


def append_log(output: Path, given: Sequence[Given]) -> None:
    """Adds judgments; when this returns they are on the disk. A kill may leave the last line cut short, which `read_log` passes over."""
    with open_for_write(log_path(output), append=True) as file:
        file.write("".join(map(_line, given)).encode())


def read_log(output: Path) -> list[Given]:
    """The log beside a file of judgments, in its order; empty where there is none.

    Raises:
        BadLine: a line is no judgment. The last one, where no line feed ends it, is what a kill left: it is taken off the file.
    """
    path = log_path(output)
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data.endswith(b"\n") or not data
    given: list[Given] = []
    lines = data.count(b"\n")
    for number, line in read_lines(path):
        try:
            given.append(_given(path, number, line))
        except BadLine:
            if whole or number <= lines:
                raise
    if not whole:
        write_log(output, given)
    return given


def _line(one: Given) -> str:
    record = asdict(one)
    if not one.detail:
        del record["detail"]
    return json.dumps(record, ensure_ascii=one.kind != "human") + "\n"


def _given(path: Path, number: int, line: str) -> Given:
    record = parse_record(path, number, line)
    try:
        one = Given(**record)
    except TypeError:
        needed = ", ".join(name for name in Given.__dataclass_fields__ if name not in ("kind", "detail"))
        raise BadLine(path, number, f"no judgment; each line needs {needed}") from None
    texts = (one.query_id, one.doc_id, one.judge, one.at, one.kind)
    if type(one.grade) is not int or not all(isinstance(part, str) for part in texts) or not isinstance(one.detail, dict):
        raise BadLine(path, number, "no judgment: the grade is no whole number, or another field no text")
    return one
