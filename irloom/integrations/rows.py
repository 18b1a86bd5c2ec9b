"""Runs and judgments as rows, one a document: the form that tables and ir_measures share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import NoneType
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.core.run import Run
from irloom.core.types import Qrels

Layout: TypeAlias = Literal["ir_measures", "pyterrier"]
"""How the columns are called: query_id, doc_id, score and relevance, or qid, docno, score and label."""

LAYOUTS: Mapping[str, Mapping[str, str]] = {
    "ir_measures": {"query": "query_id", "doc": "doc_id", "grade": "relevance"},
    "pyterrier": {"query": "qid", "doc": "docno", "grade": "label"},
}
_FIRST_RANK = {"ir_measures": 1, "pyterrier": 0}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of some library.

    Attributes:
        names: its columns.
        values: gives a column's values as Python has them.
        what: the table, as errors call it.
    """

    names: Sequence[str]
    values: Callable[[str], list[Any]]
    what: str

    def column(self, role: str) -> str:
        """The column of a role of LAYOUTS.

        Raises:
            DataError: there is none, or it stands twice.
        """
        known = [names[role] for names in LAYOUTS.values()]
        found = [name for name in self.names if name in known]
        if len(found) != 1:
            seen = ", ".join(map(str, self.names)) or "none"
            raise DataError(f"{self.what} needs one column {' or '.join(known)}; its columns are {seen}")
        return found[0]


def run_to_rows(run: Run, layout: Layout) -> dict[str, Any]:
    """A run's columns by name: ids, rank, score float64; best first. A query without hits has no row."""
    names = _layout(layout)
    lengths = np.diff(run.offsets)
    places = np.arange(len(run.docs)) - np.repeat(run.offsets[:-1], lengths)
    queries = chain.from_iterable([query_id] * length for query_id, length in zip(run.query_ids, lengths.tolist(), strict=True))
    return {
        names["query"]: list(queries),
        names["doc"]: [run.doc_ids[doc] for doc in run.docs.tolist()],
        "rank": places + _FIRST_RANK[layout],
        "score": run.scores.astype(np.float64),
    }


def run_from_table(table: Table) -> Run:
    """The run of a table; see `run_from_rows`. Its rank column, where there is one, settles equal scores.

    Raises:
        DataError: a column is missing, an id is neither text nor a whole number, or a score is no number or NaN.
        DuplicateDocument: a document stands twice for a query.
    """
    query, doc = table.column("query"), table.column("doc")
    if "score" not in table.names:
        raise DataError(f"{table.what} needs a column score; its columns are {', '.join(map(str, table.names))}")
    ranks = table.values("rank") if "rank" in table.names else None
    return run_from_rows(table.values(query), table.values(doc), table.values("score"), ranks=ranks, what=table.what)


def run_from_rows(
    queries: Sequence[object], docs: Sequence[object], scores: Sequence[Any], *, ranks: Sequence[Any] | None = None, what: str
) -> Run:
    """The run of rows in any order; queries in order of first appearance, each sorted by score, then id, both descending.

    Args:
        queries: ids, n of them, text or whole numbers; see `texts`.
        docs: ids, n of them.
        scores: n numbers, kept as float32.
        ranks: n numbers by which equal scores are ordered, the smaller first; None for document ids, descending.
        what: the rows, as errors call them.

    Raises:
        DataError: an id is neither text nor a whole number, or a score is no number or NaN.
        DuplicateDocument: a document stands twice for a query.
    """
    query_ids, rows = _numbered(texts(queries, f"query id of {what}"))
    doc_ids, numbers = _numbered(texts(docs, f"document id of {what}"))
    with np.errstate(over="ignore"):
        values = numeric(scores, f"score of {what}").astype(np.float32)
    keys = (rows,) if ranks is None else (numeric(ranks, f"rank of {what}"), -values, rows)
    order = np.lexsort(keys)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(rows, minlength=len(query_ids)))])
    return Run.from_columns(query_ids, offsets, numbers[order], values[order], doc_ids, ordered=ranks is not None)


def qrels_to_rows(qrels: Qrels, layout: Layout) -> dict[str, Any]:
    """Judgments as columns by name; a query without judgments has no row."""
    names = _layout(layout)
    return {
        names["query"]: [query_id for query_id, judged in qrels.items() for _ in judged],
        names["doc"]: [doc_id for judged in qrels.values() for doc_id in judged],
        names["grade"]: np.array([grade for judged in qrels.values() for grade in judged.values()], np.int64),
    }


def qrels_from_table(table: Table) -> dict[str, dict[str, int]]:
    """The judgments of a table; see `qrels_from_rows`.

    Raises:
        DataError: a column is missing, an id is neither text nor a whole number, a grade is no whole number, or a pair has two grades.
    """
    query, doc, grade = table.column("query"), table.column("doc"), table.column("grade")
    return qrels_from_rows(table.values(query), table.values(doc), table.values(grade), what=table.what)


def qrels_from_rows(queries: Sequence[object], docs: Sequence[object], grades: Sequence[Any], *, what: str) -> dict[str, dict[str, int]]:
    """Judgments of rows in any order; the same judgment twice counts once.

    Raises:
        DataError: an id is neither text nor a whole number, a grade is no whole number, or a pair has two grades.
    """
    values = numeric(grades, f"grade of {what}")
    odd = np.flatnonzero(~np.isfinite(values) | (values != np.round(values)))
    query_ids, doc_ids = texts(queries, f"query id of {what}"), texts(docs, f"document id of {what}")
    if len(odd):
        row = int(odd[0])
        raise DataError(f"{what}: query {query_ids[row]!r}, document {doc_ids[row]!r}: grade {values[row]} is not a whole number")
    qrels: dict[str, dict[str, int]] = {}
    for query_id, doc_id, grade in zip(query_ids, doc_ids, values.astype(np.int64).tolist(), strict=True):
        first = qrels.setdefault(query_id, {}).setdefault(doc_id, grade)
        if first != grade:
            raise DataError(f"{what}: query {query_id!r}, document {doc_id!r} has the grades {first} and {grade}; it may have one")
    return qrels


def texts(values: Sequence[object], name: str) -> list[str]:
    """Ids as text. Text stays as it is, and whole numbers become their decimal digits; the two never mix, and all else is refused.

    Raises:
        DataError: a value is something else, or text and numbers are mixed.
    """
    kinds = set(map(type, values))
    if kinds <= {str}:
        return cast("list[str]", list(values))
    numbers = {kind for kind in kinds if issubclass(kind, int | np.integer) and not issubclass(kind, bool)}
    others = [kind for kind in kinds if kind not in numbers and not issubclass(kind, str)]
    if others:
        odd = next(value for value in values if type(value) in others)
        raise DataError(f"{name}: {odd!r} is {type(odd).__name__}; ids are text, or whole numbers, which become text")
    if numbers and numbers != kinds:
        number, text = (next(value for value in values if isinstance(value, str) == is_text) for is_text in (False, True))
        raise DataError(f"{name}: the number {number!r} and the text {text!r} in one column; make every id text")
    return [str(value) for value in values]


def numeric(values: Sequence[Any], name: str) -> NDArray[np.float64]:
    """float64 (n,): the values; a missing one is NaN.

    Raises:
        DataError: a value is no number.
    """
    for kind in set(map(type, values)):
        if not issubclass(kind, int | float | np.number | NoneType):
            odd = next(value for value in values if type(value) is kind)
            raise DataError(f"{name} is {odd!r}, which is {kind.__name__}; expected a number")
    return np.array(values, np.float64)


def _numbered(ids: list[str]) -> tuple[list[str], NDArray[np.int32]]:
    """The different ids in order of first appearance, and int32 (n,) the place of each id among them."""
    place_of: dict[str, int] = {}
    places = np.fromiter((place_of.setdefault(one, len(place_of)) for one in ids), np.int32, len(ids))
    return list(place_of), places


def _layout(layout: str) -> Mapping[str, str]:
    if layout not in LAYOUTS:
        raise UnknownName("layout", layout, LAYOUTS)
    return LAYOUTS[layout]


def check_kind(value: object, kind: type, name: str) -> None:
    """Refuses what is no table of the library's.

    Raises:
        BadValue: it is something else.
    """
    if not isinstance(value, kind):
        raise BadValue(name, value, f"a {kind.__module__.partition('.')[0]} {kind.__name__}")
