"""Judgments: both formats, told apart, and what is refused."""

import tempfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadLine, BadValue, DataError
from irloom.data.qrels import read_qrels, write_qrels

ID = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=8)
EXPECTED = {"q1": {"d1": 2, "d2": -1}, "q2": {"d1": 0}}


@pytest.mark.parametrize(
    "text",
    [
        "q1 0 d1 2\nq1 0 d2 -1\nq2 0 d1 0\n",
        "q1\tQ0\td1\t2\n\nq1  0 d2   -1\nq2 0\td1 0",
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t-1\nq2\td1\t0\n",
        "q1\td1\t2\r\nq1\td2\t-1\r\nq2\td1\t0\r\n",
        "q1 0 d1 2\nq1 0 d1 2\nq1 0 d2 -1\nq2 0 d1 0\n",
    ],
)
def test_formats(tmp_path: Path, text: str) -> None:
    (tmp_path / "q").write_text(text)
    assert read_qrels(tmp_path / "q") == EXPECTED


def test_beir_ids_may_hold_blanks(tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("query-id\tcorpus-id\tscore\nq 1\ta doc.md\t1\n")
    assert read_qrels(tmp_path / "q.tsv") == {"q 1": {"a doc.md": 1}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("q1 0 d1 2\nq1 0 d2\n", "line 2: 3 columns; expected 4"),
        ("q1 0 d1 2\nq1 0 d2 1 x\n", "line 2: 5 columns; expected 4"),
        ("q1 d1\n", "line 1: 2 columns; expected 4"),
        ("q1 d1 1\nq1 d2 0\n", r"line 1: 3 columns; expected 4 \(query, 0, document, grade\), or 3 with tabs"),
        ("q1 0 d1\n", "line 1: 3 columns; expected 4"),
        ("q1\t0\td1\n", "line 1: grade 'd1' is not a whole number"),
        ("q1\td1\t1\nq1\t0\td2\t1\n", "line 2: 4 columns; expected 3, as on the first line"),
        ("q1 1 d1 1\nq1 2 d1 0\n", "line 2: query 'q1', document 'd1': grade 0, but line 1 says 1; expected one grade, or an intent-aware"),
        ("q1 0 d1 high\n", "line 1: grade 'high' is not a whole number"),
        ("q1 0 d1 99999999999999999999\n", "line 1: grade .* is out of range"),
        ("q1 0 d1 1.5\n", "line 1: grade '1.5'"),
        ("q1\td1\tscore\n", "line 1: grade 'score'"),
        ("query-id\tcorpus-id\tscore\nq1\t\t1\n", "line 2: 2 columns"),
        ("q1 0 d1 2\nq2 0 d1 1\nq1 0 d1 1\n", "line 3: query 'q1', document 'd1': grade 1, but line 1 says 2"),
    ],
)
def test_refused(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "q").write_text(text)
    with pytest.raises(BadLine, match=problem):
        read_qrels(tmp_path / "q")


@pytest.mark.parametrize("text", ["", "\n\n", "query-id\tcorpus-id\tscore\n"])
def test_no_judgment(tmp_path: Path, text: str) -> None:
    (tmp_path / "q").write_text(text)
    with pytest.raises(DataError, match="holds no judgment"):
        read_qrels(tmp_path / "q")


@settings(max_examples=40)
@given(st.dictionaries(ID, st.dictionaries(ID, st.integers(-3, 5), min_size=1), min_size=1), st.sampled_from(["trec", "beir"]))
def test_written_judgments_read_back(qrels: dict[str, dict[str, int]], layout: Literal["trec", "beir"]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("q", "q.gz"):
            write_qrels(qrels, Path(folder) / name, layout=layout)
            assert read_qrels(Path(folder) / name) == qrels


def test_ids_that_the_format_cannot_hold(tmp_path: Path) -> None:
    for doc_id in ("a b", "", "a\tb"):
        with pytest.raises(BadValue, match="text without"):
            write_qrels({"q": {doc_id: 1}}, tmp_path / "q")
    with pytest.raises(BadValue, match="text without"):
        write_qrels({"q": {"a\tb": 1}}, tmp_path / "q", layout="beir")
    with pytest.raises(BadValue, match="'trec' or 'beir'"):
        write_qrels({}, tmp_path / "q", layout="csv")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
