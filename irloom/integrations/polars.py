"""polars: a run or judgments as a DataFrame, with the columns of ir_measures or of PyTerrier."""

from typing import TYPE_CHECKING, Any

from irloom.core.optional import require
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.integrations.rows import Layout, Table, check_kind, qrels_from_table, qrels_to_rows, run_from_table, run_to_rows

if TYPE_CHECKING:
    import polars as pl


def run_to_polars(run: Run, *, layout: Layout = "ir_measures") -> "pl.DataFrame":
    """A run as a DataFrame, best first: query_id, doc_id, rank from 1, score; or PyTerrier's qid, docno, rank from 0, score.

    A query without hits has no row.

    Raises:
        UnknownName: the layout is unknown.
        MissingExtra: polars is not installed.
    """
    frame: pl.DataFrame = _polars().DataFrame(run_to_rows(run, layout))
    return frame


def run_from_polars(frame: "pl.DataFrame") -> Run:
    """The run of a DataFrame with the columns query_id or qid, doc_id or docno, and score; others count for nothing.

    Rows may stand in any order. Each ranking is sorted by score; equal scores by the column rank where there is one, else by document
    id, descending. Ids are text, or whole numbers, which become text.

    Raises:
        BadValue: it is no DataFrame.
        DataError: a column is missing, an id is of another kind, or a score is no number or NaN.
        DuplicateDocument: a document stands twice for a query.
        MissingExtra: polars is not installed.
    """
    return run_from_table(_table(frame))


def qrels_to_polars(qrels: Qrels, *, layout: Layout = "ir_measures") -> "pl.DataFrame":
    """Judgments as a DataFrame: query_id, doc_id, relevance; or PyTerrier's qid, docno, label.

    Raises:
        UnknownName: the layout is unknown.
        MissingExtra: polars is not installed.
    """
    frame: pl.DataFrame = _polars().DataFrame(qrels_to_rows(qrels, layout))
    return frame


def qrels_from_polars(frame: "pl.DataFrame") -> dict[str, dict[str, int]]:
    """The judgments of a DataFrame with the columns query_id or qid, doc_id or docno, and relevance or label.

    Raises:
        BadValue: it is no DataFrame.
        DataError: a column is missing, an id is neither text nor a whole number, a grade is no whole number, or a pair has two grades.
        MissingExtra: polars is not installed.
    """
    return qrels_from_table(_table(frame))


def _polars() -> Any:
    return require("polars", extra="convert", purpose="a DataFrame")


def _table(frame: "pl.DataFrame") -> Table:
    check_kind(frame, _polars().DataFrame, "frame")
    return Table(frame.columns, lambda name: frame[name].to_list(), "the DataFrame")
