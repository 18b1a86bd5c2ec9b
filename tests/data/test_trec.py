"""Runs: parsed into columns, refused with their line, written so that they read back the same."""

import gzip
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadLine, BadValue, DataError, DuplicateDocument
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.data import trec
from irloom.data.trec import read_run, write_run

ID = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=6)
SCORE = st.floats(width=32, allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0, 0.1, float(np.float32(1e-45))])
RANKING = st.dictionaries(ID, SCORE, min_size=1, max_size=8)


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query_id: list(ranking) for query_id, ranking in run.items()}


def test_order_is_that_of_scores_and_ids(tmp_path: Path) -> None:
    """The rank column does not count, queries may be mixed, blanks and tabs separate: as trec_eval reads it."""
    (tmp_path / "r").write_text("q2 Q0 b 1 1.5 x\nq1\tQ0\td10  9 2 x\n\nq2 Q0 c 2 1.5 x\nq1 Q0 d9 3 2e0 x\nq1 Q0 d7 1 inf x")
    found = rows(read_run(tmp_path / "r"))
    assert found == {"q2": [("c", 1.5), ("b", 1.5)], "q1": [("d7", np.inf), ("d9", 2.0), ("d10", 2.0)]}
    assert list(found) == ["q2", "q1"]


def test_a_byte_order_mark_is_no_part_of_the_first_query(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("q1 Q0 d1 1 2 x\nq1 Q0 d2 2 1 x\n", encoding="utf-8-sig")
    assert rows(read_run(tmp_path / "r")) == {"q1": [("d1", 2.0), ("d2", 1.0)]}


def test_packed_and_over_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"q{number // 7} Q0 dök{number} 1 {-number} t\n" for number in range(100)]
    with gzip.open(tmp_path / "r.gz", "wt", encoding="utf-8") as file:
        file.writelines(lines)
    whole = rows(read_run(tmp_path / "r.gz"))
    monkeypatch.setattr(trec, "_BLOCK", 50)
    assert rows(read_run(tmp_path / "r.gz")) == whole
    assert sum(map(len, whole.values())) == 100


@pytest.mark.parametrize("block", [40, 1 << 20])
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"q1 Q0 d9 1 2.0", "line 5: 5 columns; expected 6"),
        (b"q1 Q0 d9 1 2.0 a b", "line 5: 7 columns; expected 6"),
        (b"q1 Q0 d9 1 NaN a", "line 5: the score is NaN"),
        (b"q1 Q0 d9 1 high a", "line 5: score 'high' is not a number"),
        (b"q1 Q0 d\xfc9 1 1 a", "line 5: not UTF-8: byte 0xfc"),
    ],
)
def test_bad_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, line: bytes, problem: str) -> None:
    monkeypatch.setattr(trec, "_BLOCK", block)
    (tmp_path / "r").write_bytes(b"q1 Q0 d1 1 9 a\nq1 Q0 d2 2 8 a\n\nq1 Q0 d3 3 7 a\n" + line + b"\nq1 Q0 d4 4 6 a\n")
    with pytest.raises(BadLine, match=problem):
        read_run(tmp_path / "r")


@pytest.mark.parametrize("score", ["1", "7"])
def test_a_document_twice(tmp_path: Path, score: str) -> None:
    (tmp_path / "r").write_text(f"q1 Q0 d1 1 9 a\n\nq2 Q0 d1 1 8 a\nq1 Q0 d2 2 7 a\nq1 Q0 d1 3 {score} a\n")
    with pytest.raises(DuplicateDocument, match=r"r lines 1 and 5, query 'q1': document 'd1' occurs twice"):
        read_run(tmp_path / "r")


def test_an_empty_file_is_an_empty_run(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("\n")
    assert len(read_run(tmp_path / "r")) == 0
    (tmp_path / "r").write_text("")
    assert len(read_run(tmp_path / "r")) == 0


def test_scores_beyond_float32_are_infinite(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("q1 Q0 d1 1 1e300 a\n")
    assert rows(read_run(tmp_path / "r")) == {"q1": [("d1", np.inf)]}


@settings(max_examples=40)
@given(st.dictionaries(ID, RANKING, min_size=1, max_size=3))
def test_sorted_runs_are_written_unchanged(scores: dict[str, dict[str, float]]) -> None:
    """Scores have the order already: each float32 comes back bit for bit."""
    run = Run.from_dict(scores)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("r", "r.gz"):
            write_run(run, Path(folder) / name)
            assert rows(read_run(Path(folder) / name)) == rows(run)


@settings(max_examples=40)
@given(st.lists(ID, min_size=1, max_size=8, unique=True), st.data(), st.booleans())
def test_any_order_comes_back(doc_ids: list[str], data: st.DataObject, strictly: bool) -> None:
    """Whatever the scores say: the order is the truth, and a score that need not be lowered is not."""
    scores = np.array(data.draw(st.lists(SCORE, min_size=len(doc_ids), max_size=len(doc_ids))), np.float32)
    run = Run.from_rankings({"q": Ranking(doc_ids, scores)})
    with tempfile.TemporaryDirectory() as folder:
        write_run(run, Path(folder) / "r", strictly_decreasing=strictly)
        found = read_run(Path(folder) / "r")["q"]
    assert list(found.doc_ids) == doc_ids
    assert np.all(found.scores <= np.minimum.accumulate(scores))
    assert found.scores[0] == scores[0]
    if strictly:
        assert np.all(np.diff(found.scores) < 0)


def test_below_the_least_score_stands_minus_infinity(tmp_path: Path) -> None:
    run = Run.from_rankings({"q": Ranking(["a", "b"], np.array([np.finfo(np.float32).min, 0], np.float32))})
    write_run(run, tmp_path / "r", strictly_decreasing=True)
    found = read_run(tmp_path / "r")["q"]
    assert list(found.doc_ids) == ["a", "b"]
    assert found.scores.tolist() == [np.finfo(np.float32).min, -np.inf]


def test_one_step_only_where_it_is_needed(tmp_path: Path) -> None:
    """b before a at one score: ids say so. a before b: b is lowered by a step, and c, which it now passes, is as well."""
    step = np.nextafter(np.float32(1), np.float32(0))
    run = Run.from_rankings(
        {"q": Ranking(["b", "a", "b2", "c"], np.array([2, 2, 1, step], np.float32)), "p": Ranking(["a", "b"], np.ones(2, np.float32))}
    )
    write_run(run, tmp_path / "r", tag="mine")
    lines = (tmp_path / "r").read_text().splitlines()
    assert lines[:2] == ["q Q0 b 1 2 mine", "q Q0 a 2 2 mine"]
    assert lines[3:] == ["q Q0 c 4 0.99999994 mine", "p Q0 a 1 1 mine", "p Q0 b 2 0.99999994 mine"]
    write_run(run, tmp_path / "r", strictly_decreasing=True)
    assert (tmp_path / "r").read_text().splitlines()[1] == "q Q0 a 2 1.99999988 irloom"


def test_what_a_run_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_text("old")
    one = np.ones(1, np.float32)
    with pytest.raises(BadValue, match="document id is 'a b'"):
        write_run(Run.from_rankings({"q": Ranking(["a b"], one)}), path)
    with pytest.raises(BadValue, match="query id is ''"):
        write_run(Run.from_rankings({"": Ranking(["a"], one)}), path)
    with pytest.raises(BadValue, match="tag is 'my tag'"):
        write_run(Run.from_rankings({"q": Ranking(["a"], one)}), path, tag="my tag")
    with pytest.raises(DataError, match="minus infinity"):
        write_run(Run.from_rankings({"q": Ranking(["a", "b"], np.full(2, -np.inf, np.float32))}), path)
    with pytest.raises(DataError, match="NaN"):
        write_run(Run(["q"], np.array([0, 1]), np.zeros(1, np.int32), one * np.float32(np.nan), ["a"]), path)
    assert path.read_text() == "old"


def test_queries_without_hits_leave_no_line(tmp_path: Path) -> None:
    write_run(Run.from_dict({"q1": {}, "q2": {"d": 1.0}}), tmp_path / "r")
    assert list(read_run(tmp_path / "r")) == ["q2"]


def test_published_run(data_root: Path) -> None:
    """TREC DL 2019's BM25 run: 43 queries of 100 documents; writing it again changes no score."""
    found = read_run(data_root / "trec-dl-2019" / "runs" / "bm25-top100.trec.gz")
    assert (len(found), len(found.docs)) == (43, 4300)
    with tempfile.TemporaryDirectory() as folder:
        write_run(found, Path(folder) / "r")
        assert rows(read_run(Path(folder) / "r")) == rows(found)
