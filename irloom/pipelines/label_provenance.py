"""Whose the judgments of a file are: people's, or those of a model that a log or a sidecar beside the file tells of."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from irloom.core.errors import BadLine
from irloom.core.types import Qrels
from irloom.data.lines import read_lines, write_lines
from irloom.data.records import parse_record
from irloom.pipelines.judgment_log import log_path, read_log


@dataclass(frozen=True, slots=True)
class Source:
    """Whose one judgment is.

    Attributes:
        query_id: the query.
        doc_id: the document.
        grade: that was given.
        kind: "human" or "model".
        judge: who; the file that it is from where nobody is named.
    """

    query_id: str
    doc_id: str
    grade: int
    kind: str
    judge: str


def provenance_path(qrels: Path) -> Path:
    """The sidecar of a file that holds judgments of several."""
    return qrels.with_name(f"{qrels.name}.provenance.jsonl")


def write_provenance(qrels: Path, sources: Iterable[Source]) -> None:
    """Writes the sidecar, a line for each judgment; it appears in one step."""
    write_lines(provenance_path(qrels), (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in sources))


def sources_of(qrels: Path) -> dict[tuple[str, str], Source]:
    """What the sidecar of a file says, else its log; by query and document, empty where there is neither.

    Raises:
        BadLine: a line of either cannot be read.
    """
    path = provenance_path(qrels)
    if path.exists():
        return {(one.query_id, one.doc_id): one for one in (_source(path, number, line) for number, line in read_lines(path))}
    if not log_path(qrels).exists():
        return {}
    return {(one.query_id, one.doc_id): Source(one.query_id, one.doc_id, one.grade, one.kind, one.judge) for one in read_log(qrels)}


def model_labels(path: Path, qrels: Qrels) -> dict[str, int]:
    """How many of a file's judgments are a model's, by the model.

    Args:
        path: the file.
        qrels: what it holds.
    """
    sources = sources_of(path)
    held = (sources.get((query_id, doc_id)) for query_id, row in qrels.items() for doc_id in row) if sources else ()
    return dict(Counter(one.judge for one in held if one is not None and one.kind == "model"))


def unread_labels(path: Path) -> int:
    """How many labels of a model's file stand as 0 since the model's answer could not be read."""
    if not path.is_file():
        return 0
    given = {(one.query_id, one.doc_id): one for one in read_log(path)}
    return sum(one.kind == "model" and one.detail.get("read") == "invalid" for one in given.values())


def told(labels: Mapping[str, int], total: int) -> str:
    """In words, how many judgments are a model's."""
    judges = ", ".join(f"{count:,} by {judge!r}" for judge, count in labels.items())
    return f"{sum(labels.values()):,} of {total:,} judgments are a model's and no person's: {judges}"


def _source(path: Path, number: int, line: str) -> Source:
    record = parse_record(path, number, line)
    try:
        one = Source(**record)
    except TypeError:
        raise BadLine(path, number, f"no provenance; each line needs {', '.join(Source.__dataclass_fields__)}") from None
    texts = (one.query_id, one.doc_id, one.kind, one.judge)
    if type(one.grade) is not int or not all(isinstance(part, str) for part in texts) or one.kind not in ("human", "model"):
        raise BadLine(path, number, "no provenance: the grade is no whole number, the kind neither human nor model, or a field no text")
    return one
