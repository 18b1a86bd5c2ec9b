"""ir_measures: a run as a list of its ScoredDoc, judgments as a list of its Qrel."""

from collections.abc import Iterable
from typing import Any

from irloom.core.errors import DataError
from irloom.core.optional import require
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.integrations.rows import qrels_from_rows, run_from_rows


def run_to_ir_measures(run: Run) -> list[Any]:
    """A run as ScoredDoc(query_id, doc_id, score), best first; a query without hits leaves none.

    ir_measures sorts by score again, and trec_eval behind it by document id, descending, where scores are equal.

    Raises:
        MissingExtra: ir_measures is not installed.
    """
    scored = _ir_measures().ScoredDoc
    return [scored(query_id, doc_id, score) for query_id, ranking in run.items() for doc_id, score in ranking]


def run_from_ir_measures(docs: Iterable[Any]) -> Run:
    """The run of records with `query_id`, `doc_id` and `score`, in any order, sorted by score, then document id, both descending.

    Ids are text, or whole numbers, which become text.

    Raises:
        DataError: a record lacks a field, an id is of another kind, or a score is no number or NaN.
        DuplicateDocument: a document stands twice for a query.
    """
    queries, doc_ids, scores = _fields(docs, "score")
    return run_from_rows(queries, doc_ids, scores, what="the scored documents")


def qrels_to_ir_measures(qrels: Qrels) -> list[Any]:
    """Judgments as Qrel(query_id, doc_id, relevance).

    Raises:
        MissingExtra: ir_measures is not installed.
    """
    qrel = _ir_measures().Qrel
    return [qrel(query_id, doc_id, grade) for query_id, judged in qrels.items() for doc_id, grade in judged.items()]


def qrels_from_ir_measures(qrels: Iterable[Any]) -> dict[str, dict[str, int]]:
    """The judgments of records with `query_id`, `doc_id` and `relevance`; `iteration` counts for nothing.

    Raises:
        DataError: a record lacks a field, an id is neither text nor a whole number, a grade is no whole number, or a pair has two grades.
    """
    queries, doc_ids, grades = _fields(qrels, "relevance")
    return qrels_from_rows(queries, doc_ids, grades, what="the judgments")


def _ir_measures() -> Any:
    return require("ir_measures", extra="convert", purpose="its form of runs and judgments")


def _fields(records: Iterable[Any], value: str) -> tuple[list[Any], list[Any], list[Any]]:
    """Query ids, document ids and values."""
    rows = list(records)
    try:
        return [row.query_id for row in rows], [row.doc_id for row in rows], [getattr(row, value) for row in rows]
    except AttributeError as error:
        raise DataError(f"{error.obj!r} lacks the field {error.name!r}; each record needs query_id, doc_id and {value}") from None
