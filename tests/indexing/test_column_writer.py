"""What a document's metadata become in columns."""

from pathlib import Path

import pytest

from irloom.core.types import Document
from irloom.indexing.column_writer import ColumnsWriter, columns_of, segment_columns
from irloom.indexing.columns import Columns


def entries(columns: Columns) -> dict[tuple[str, str], list[object]]:
    return {
        key: [run.words[code].decode("utf-8", "surrogatepass") for code in run.values.tolist()]
        if run.kind == "text"
        else run.values.tolist()
        for key, run in columns.runs.items()
    }


@pytest.mark.parametrize(
    ("value", "kind", "kept"),
    [
        ("", "text", [""]),
        ("ü\ud800", "text", ["ü\ud800"]),
        (True, "bool", [1]),
        (-(1 << 63), "int", [-(1 << 63)]),
        (1 << 63, "float", [2.0**63]),
        (-(1 << 2000), "float", [float("-inf")]),
        (0.1, "float", [0.1]),
        (("b", "a", "b"), "text", ["b", "a"]),
        ([2, 1, 2], "int", [2, 1]),
    ],
)
def test_values_by_kind(value: object, kind: str, kept: list[object]) -> None:
    assert entries(columns_of([Document("1", "t", meta={"x": value})])) == {("x", kind): kept}  # type: ignore[dict-item]


@pytest.mark.parametrize("value", [(), None, {"nested": 1}, [["nested"]], [None]])
def test_values_that_no_filter_can_compare_are_left_out(value: object) -> None:
    assert columns_of([Document("1", "t", meta={"x": value})]).runs == {}  # type: ignore[dict-item]


def test_a_list_may_hold_several_kinds() -> None:
    columns = columns_of([Document("1", "t", meta={"x": ["a", 1, True, 1.5]})])  # type: ignore[dict-item]
    assert entries(columns) == {("x", "bool"): [1], ("x", "float"): [1.5], ("x", "int"): [1], ("x", "text"): ["a"]}


def test_a_segment_with_columns_is_not_read(tmp_path: Path) -> None:
    documents = [Document("1", "t", meta={"x": "written"})]
    writer = ColumnsWriter()
    writer.add(documents[0])
    assert entries(segment_columns(tmp_path, documents)) == {("x", "text"): ["written"]}  # none yet: the documents are read
    writer.write(tmp_path)
    assert entries(segment_columns(tmp_path, [Document("1", "t", meta={"x": "other"})])) == {("x", "text"): ["written"]}
