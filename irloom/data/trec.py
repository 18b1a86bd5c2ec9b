"""Runs in TREC's six columns (query, Q0, document, rank, score, tag), parsed in blocks and written so that they read back the same."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadLine, BadValue, DataError, DuplicateDocument
from irloom.core.run import Run
from irloom.data.decimals import parse_decimals
from irloom.data.fields import Column, Fields, WrongWidth, split_fields
from irloom.data.id_column import IdColumn, Numbers, decoded
from irloom.data.lines import BOM, not_utf8, open_bytes, read_lines, write_lines

_WIDTH = 6
_BLOCK = 1 << 21


def read_run(path: str | Path) -> Run:
    """Reads a run, plain or gzipped.

    Scores become float32; each ranking is sorted by score, then document id, both descending, as trec_eval does.

    Raises:
        BadLine: not six columns, a score that is no number or NaN, not UTF-8.
        DuplicateDocument: a document stands twice in a query's ranking; the text names both lines.
        DataError: the file cannot be read.
    """
    path = Path(path)
    query_numbers, column = Numbers(), IdColumn()
    parts: list[tuple[NDArray[np.int32], NDArray[np.float32]]] = []
    for first_line, block in _blocks(path):
        fields = _fields(path, first_line, block)
        if not len(fields.lines):
            continue
        column.add(fields.column(2))
        parts.append((query_numbers.of_repeated(fields.column(0)), _scores(path, fields.column(4), first_line + fields.lines)))
    docs, doc_ids = column.finish()
    rows = np.concatenate([part[0] for part in parts]) if parts else np.empty(0, np.int32)
    scores = np.concatenate([part[1] for part in parts]) if parts else np.empty(0, np.float32)
    query_ids = decoded(list(query_numbers))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(query_ids)))]).astype(np.int64)
    order = np.argsort(rows, kind="stable") if np.any(rows[1:] < rows[:-1]) else slice(None)
    try:
        return Run.from_columns(query_ids, offsets, docs[order], scores[order], doc_ids, ordered=False)
    except DuplicateDocument:
        raise _duplicate(path, rows, docs, query_ids, doc_ids) from None


def write_run(run: Run, path: str | Path, *, tag: str = "irloom", strictly_decreasing: bool = False) -> None:
    """Writes a run, gzipped where the name ends in `.gz`; the file appears whole or not at all.

    A score is lowered by one float32 step only where score and document id would not reproduce the order. Scores have nine
    digits, which is float32 exactly. A query without hits leaves no line: the format cannot express it.

    Args:
        run: what to write.
        path: the file.
        tag: the last column.
        strictly_decreasing: lower equal scores as well, for tools that break ties otherwise than trec_eval.

    Raises:
        BadValue: an id or the tag is empty or holds a blank.
        DataError: a score is NaN, or minus infinity where it would have to be lowered.
    """
    for name, values in (("tag", (tag,)), ("query id", run.query_ids), ("document id", run.doc_ids)):
        _check_words(name, values)
    if np.isnan(run.scores).any():
        raise DataError(f"the run holds NaN scores; nothing was written to {path}")
    write_lines(Path(path), _written(run, tag, strictly_decreasing=strictly_decreasing))


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines, some megabytes at a time, with the number of the first."""
    line, rest, at_start = 1, b"", True
    with open_bytes(path) as file:
        while data := file.read(_BLOCK):
            data = rest + (data.removeprefix(BOM) if at_start else data)
            at_start = False
            end = data.rfind(b"\n") + 1
            block, rest = data[:end], data[end:]
            if block:
                yield line, block
                line += block.count(b"\n")
    if rest:
        yield line, rest + b"\n"


def _fields(path: Path, first_line: int, block: bytes) -> Fields:
    """The fields of a block, six a line."""
    if not block.isascii():
        try:
            block.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadLine(path, first_line + block.count(b"\n", 0, error.start), not_utf8(error)) from None
    fields = split_fields(block, width=_WIDTH)
    if isinstance(fields, WrongWidth):
        problem = f"{fields.width} columns; expected {_WIDTH} (query, Q0, document, rank, score, tag)"
        raise BadLine(path, first_line + fields.line, problem)
    return fields


def _scores(path: Path, column: Column, lines: NDArray[np.int64]) -> NDArray[np.float32]:
    scores = parse_decimals(column)
    if np.isnan(scores).any():
        place = int(np.isnan(scores).argmax())
        found = column.at(np.array([place])).fields()[0].decode()
        problem = "the score is NaN" if found.lower().lstrip("+-") == "nan" else f"score {found!r} is not a number"
        raise BadLine(path, int(lines[place]), problem)
    with np.errstate(over="ignore"):
        return scores.astype(np.float32)


def _duplicate(path: Path, rows: NDArray[np.int32], docs: NDArray[np.int32], query_ids: list[str], doc_ids: list[str]) -> DuplicateDocument:
    """The error for the first document that stands twice in a ranking, with both of its lines."""
    keys = rows.astype(np.int64) * len(doc_ids) + docs
    order = np.argsort(keys, kind="stable")
    place = int(np.flatnonzero(keys[order][1:] == keys[order][:-1])[0])
    first, second = sorted(order[place : place + 2].tolist())
    wanted = {first: 0, second: 0}
    for record, (number, _) in enumerate(read_lines(path)):
        if record in wanted:
            wanted[record] = number
    where = f"{path} lines {wanted[first]} and {wanted[second]}, query {query_ids[rows[first]]!r}"
    return DuplicateDocument(doc_ids[docs[first]], where=where)


def _check_words(name: str, values: Iterable[str]) -> None:
    for value in values:
        if len(value.split()) != 1 or value != value.strip():
            raise BadValue(name, value, "text without blanks, which separate the columns of a TREC run")


def _written(run: Run, tag: str, *, strictly_decreasing: bool) -> Iterator[str]:
    for query_id, ranking in run.items():
        scores = _reproducing(ranking.doc_ids, ranking.scores, strictly_decreasing=strictly_decreasing).tolist()
        entries = enumerate(zip(ranking.doc_ids, scores, strict=True), 1)
        yield "".join([f"{query_id} Q0 {doc_id} {rank} {score:.9g} {tag}\n" for rank, (doc_id, score) in entries])


@np.errstate(over="ignore")  # below the least float32 stands minus infinity, and that is meant
def _reproducing(doc_ids: Iterable[str], scores: NDArray[np.float32], *, strictly_decreasing: bool) -> NDArray[np.float32]:
    """float32 (n,): the scores, lowered by the least step where they would not give this order back."""
    doubtful = np.flatnonzero(~(scores[1:] < scores[:-1])) + 1
    if not len(doubtful):
        return scores
    ids = list(doc_ids)
    if not strictly_decreasing and all(scores[place] == scores[place - 1] and ids[place] < ids[place - 1] for place in doubtful.tolist()):
        return scores
    lowered = scores.copy()
    for place in range(int(doubtful[0]), len(ids)):
        above = lowered[place - 1]
        if lowered[place] < above or (lowered[place] == above and not strictly_decreasing and ids[place] < ids[place - 1]):
            continue
        if above == -np.inf:
            raise DataError(f"document {ids[place]!r} stands under a score of minus infinity; no lower score can keep it there")
        same = lowered[place] > above and not strictly_decreasing and ids[place] < ids[place - 1]
        lowered[place] = above if same else np.nextafter(above, np.float32(-np.inf))
    return lowered
