import io

import numpy as np
import pytest

from irloom.core.types import Query
from irloom.eval.bootstrap import Interval
from irloom.eval.pages.browser import Material
from irloom.eval.per_query import query_lines, query_table
from irloom.eval.report import MeasureResult, Report, SystemResult


def system(*values: float) -> SystemResult:
    results = {name: MeasureResult(Interval(0, 0, 0), None, np.array(values) * scale) for name, scale in (("RR", 1.0), ("AP", 0.5))}
    return SystemResult(results)


REPORT = Report({"a": system(0.5, 1.0), "b": system(0.0, 0.25)}, ("q1", "q2"))
MATERIAL = Material({"q1": Query("q1", "a\nquestion")}, {}, {})


def test_a_line_per_query() -> None:
    first, second = query_lines(REPORT, MATERIAL)
    assert first == {"id": "q1", "text": "a\nquestion", "systems": {"a": {"RR": 0.5, "AP": 0.25}, "b": {"RR": 0.0, "AP": 0.0}}}
    assert (second["id"], second["text"]) == ("q2", "")


def test_a_row_of_the_table_per_value() -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    rows = parquet.read_table(io.BytesIO(query_table(REPORT, MATERIAL))).to_pylist()
    assert len(rows) == 8
    assert rows[0] == {"query_id": "q1", "text": "a\nquestion", "system": "a", "measure": "RR", "value": 0.5}
    assert rows[7] == {"query_id": "q2", "text": "", "system": "b", "measure": "AP", "value": 0.125}
