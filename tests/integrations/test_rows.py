from typing import Any

import numpy as np
import pytest

from irloom.core.errors import DataError, DuplicateDocument, UnknownName
from irloom.core.run import Run
from irloom.integrations.rows import Table, qrels_from_rows, qrels_from_table, qrels_to_rows, run_from_rows, run_from_table, run_to_rows


def table(**columns: list[Any]) -> Table:
    return Table(list(columns), columns.__getitem__, "the table")


def test_rows_in_any_order() -> None:
    run = run_from_rows(["b", "a", "b", "a"], ["x", "y", "z", "x"], [1, 2, 3.5, 2], what="rows")
    assert run.query_ids == ("b", "a")
    assert list(run["b"]) == [("z", 3.5), ("x", 1.0)]
    assert list(run["a"]) == [("y", 2.0), ("x", 2.0)]  # equal scores: the greater id first
    assert len(run_from_rows([], [], [], what="rows")) == 0


def test_a_rank_column_settles_equal_scores_and_nothing_else() -> None:
    columns = {"qid": ["q"] * 3, "docno": ["a", "b", "c"], "score": [1.0, 1.0, 9.0], "rank": [0, 1, 2], "text": ["", "", ""]}
    assert run_from_table(table(**columns))["q"].doc_ids == ["c", "a", "b"]
    del columns["rank"]
    assert run_from_table(table(**columns))["q"].doc_ids == ["c", "b", "a"]


def test_whole_numbers_become_text() -> None:
    run = run_from_rows([7, np.int64(8)], [12, 12], [0.5, 0.5], what="rows")
    assert list(run) == ["7", "8"]
    assert run["7"].doc_ids == ["12"]
    assert qrels_from_rows([7], [12], [1], what="rows") == {"7": {"12": 1}}


@pytest.mark.parametrize(
    ("ids", "match"),
    [
        (["12", 12], "number 12 and the text '12' in one column"),
        ([12.0], "12.0 is float"),
        ([None, "a"], "None is NoneType"),
        ([True], "True is bool"),
        ([b"a"], "is bytes"),
    ],
)
def test_ids_of_another_kind(ids: list[object], match: str) -> None:
    others = ["x"] * len(ids)
    with pytest.raises(DataError, match=match):
        run_from_rows(ids, others, [1.0] * len(ids), what="rows")
    with pytest.raises(DataError, match=match):
        qrels_from_rows(others, ids, [1] * len(ids), what="rows")


def test_scores_that_are_none() -> None:
    with pytest.raises(DataError, match="query 'q': the score of document 'a' is NaN"):
        run_from_rows(["q"], ["a"], [float("nan")], what="rows")
    with pytest.raises(DataError, match="is NaN"):
        run_from_rows(["q"], ["a"], [None], what="rows")
    with pytest.raises(DataError, match=r"score of rows is '1\.5', which is str"):
        run_from_rows(["q"], ["a"], ["1.5"], what="rows")
    with pytest.raises(DuplicateDocument, match="'a' occurs twice"):
        run_from_rows(["q", "q"], ["a", "a"], [1, 2], what="rows")


def test_grades() -> None:
    assert qrels_from_rows(["q", "q"], ["a", "a"], [1.0, 1], what="rows") == {"q": {"a": 1}}
    with pytest.raises(DataError, match="grades 1 and 2"):
        qrels_from_rows(["q", "q"], ["a", "a"], [1, 2], what="rows")
    for grade in (0.5, float("nan"), float("inf"), None):
        with pytest.raises(DataError, match="not a whole number"):
            qrels_from_rows(["q"], ["a"], [grade], what="rows")


def test_columns_that_are_missing() -> None:
    with pytest.raises(DataError, match="the table needs one column query_id or qid; its columns are q_id, doc_id, score"):
        run_from_table(table(q_id=["q"], doc_id=["d"], score=[1.0]))
    with pytest.raises(DataError, match="needs one column doc_id or docno"):
        run_from_table(table(qid=["q"], docno=["d"], doc_id=["d"], score=[1.0]))
    with pytest.raises(DataError, match="needs a column score"):
        run_from_table(table(qid=["q"], docno=["d"]))
    with pytest.raises(DataError, match="needs one column relevance or label"):
        qrels_from_table(table(qid=["q"], docno=["d"], score=[1]))


def test_layouts(run: Run, qrels: dict[str, dict[str, int]]) -> None:
    assert list(run_to_rows(run, "ir_measures")) == ["query_id", "doc_id", "rank", "score"]
    assert list(run_to_rows(run, "pyterrier")) == ["qid", "docno", "rank", "score"]
    assert run_to_rows(run, "ir_measures")["rank"].tolist() == [1, 2, 3, 1, 2, 3]
    assert run_to_rows(run, "pyterrier")["rank"].tolist() == [0, 1, 2, 0, 1, 2]
    assert list(qrels_to_rows(qrels, "pyterrier")) == ["qid", "docno", "label"]
    with pytest.raises(UnknownName, match="Did you mean 'pyterrier'"):
        qrels_to_rows(qrels, "pyterier")
