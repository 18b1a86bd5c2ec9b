"""pandas: a run or judgments as a DataFrame, with the columns of ir_measures or of PyTerrier."""

from typing import TYPE_CHECKING, Any

from irloom.core.optional import require
from irloom.core.run import Run
from irloom.core.types import Qrels
from irloom.integrations.rows import Layout, Table, check_kind, qrels_from_table, qrels_to_rows, run_from_table, run_to_rows

if TYPE_CHECKING:
    import pandas as pd


def run_to_pandas(run: Run, *, layout: Layout = "ir_measures") -> "pd.DataFrame":
    """A run as a DataFrame, best first: query_id, doc_id, rank from 1, score; or PyTerrier's qid, docno, rank from 0, score.

    A query without hits has no row.

    Raises:
        UnknownName: the layout is unknown.
        MissingExtra: pandas is not installed.
    """
    frame: pd.DataFrame = _pandas().DataFrame(run_to_rows(run, layout))
    return frame


def run_from_pandas(frame: "pd.DataFrame") -> Run:
    """The run of a DataFrame with the columns query_id or qid, doc_id or docno, and score; others count for nothing.

    Rows may stand in any order. Each ranking is sorted by score; equal scores by the column rank where there is one, else by document
    id, descending. Ids are text, or whole numbers, which become text.

    Raises:
        BadValue: it is no DataFrame.
        DataError: a column is missing, an id is of another kind, or a score is no number or NaN.
        DuplicateDocument: a document stands twice for a query.
        MissingExtra: pandas is not installed.
    """
    return run_from_table(_table(frame))


def qrels_to_pandas(qrels: Qrels, *, layout: Layout = "ir_measures") -> "pd.DataFrame":
    """Judgments as a DataFrame: query_id, doc_id, relevance; or PyTerrier's qid, docno, label.

    Raises:
        UnknownName: the layout is unknown.
        MissingExtra: pandas is not installed.
    """
    frame: pd.DataFrame = _pandas().DataFrame(qrels_to_rows(qrels, layout))
    return frame


def qrels_from_pandas(frame: "pd.DataFrame") -> dict[str, dict[str, int]]:
    """The judgments of a DataFrame with the columns query_id or qid, doc_id or docno, and relevance or label.

    Raises:
        BadValue: it is no DataFrame.
        DataError: a column is missing, an id is neither text nor a whole number, a grade is no whole number, or a pair has two grades.
        MissingExtra: pandas is not installed.
    """
    return qrels_from_table(_table(frame))


def _pandas() -> Any:
    return require("pandas", extra="convert", purpose="a DataFrame")


def _table(frame: "pd.DataFrame") -> Table:
    check_kind(frame, _pandas().DataFrame, "frame")
    return Table(list(frame.columns), lambda name: frame[name].tolist(), "the DataFrame")
