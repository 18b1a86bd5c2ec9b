"""Rankings that are kept while others are made."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.pipelines.kept_rankings import KeptRankings

KEY = ["reranker", "run"]
LINE = 180
"""Bytes of the line of one query."""


def run_of(query_id: str) -> Run:
    columns = {"stage0": np.array([1 / 3, np.inf], np.float32)}
    run = Run.from_rankings({query_id: Ranking(["a", "d\u00e9"], np.array([0.1, -np.inf], np.float32))})
    return Run(run.query_ids, run.offsets, run.docs, run.scores, run.doc_ids, columns=columns, notes={"calls": [np.int64(3)], "x": [None]})


def test_what_is_kept_comes_back_bit_by_bit(tmp_path: Path) -> None:
    kept = KeptRankings(tmp_path / "new" / "out.trec")
    assert kept.take(KEY) == {}
    kept.keep(Run.concat([run_of("q1"), run_of("q2")]))
    again = KeptRankings(tmp_path / "new" / "out.trec")
    found = again.take(KEY)
    assert list(found) == ["q1", "q2"]
    assert again.count == 2
    assert list(found["q1"]["q1"]) == list(run_of("q1")["q1"])
    assert found["q1"].columns["stage0"].tolist() == run_of("q1").columns["stage0"].tolist()
    assert found["q2"].notes == {"calls": (3,), "x": (None,)}
    assert KeptRankings(tmp_path / "new" / "out.trec").take(["other"]) == {}
    again.remove()
    assert list((tmp_path / "new").iterdir()) == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 400))
@example(LINE - 1)
@example(LINE)
@example(2 * LINE - 1)
@example(2 * LINE)
def test_a_line_that_was_cut_short_is_passed_over(tmp_path: Path, length: int) -> None:
    kept = KeptRankings(tmp_path / "out.trec")
    kept.take(KEY)
    kept.remove()
    kept.keep(run_of("q1"))
    assert kept.path is not None
    whole = kept.path.read_bytes()
    assert len(whole) == LINE
    kept.keep(run_of("q2"))
    both = kept.path.read_bytes()
    kept.path.write_bytes(both[: min(length, len(both))])
    again = KeptRankings(tmp_path / "out.trec")
    expected = ["q1", "q2"][: (length >= len(whole) - 1) + (length >= len(both) - 1)]  # a line feed that is missing loses nothing
    assert list(again.take(KEY)) == expected
    again.keep(run_of("q3"))
    assert list(KeptRankings(tmp_path / "out.trec").take(KEY)) == [*expected, "q3"]


def test_nothing_is_kept_beside_a_device() -> None:
    kept = KeptRankings(Path("/dev/null"))
    assert kept.take(KEY) == {}
    kept.keep(run_of("q1"))
    kept.remove()
    assert kept.path is None


@pytest.mark.parametrize("line", ['{"query": "q"}', "[1]", '{"query": "q", "documents": ["a"], "scores": [], "columns": {}, "notes": {}}'])
def test_a_line_that_is_none_of_ours(tmp_path: Path, line: str) -> None:
    kept = KeptRankings(tmp_path / "out.trec")
    kept.take(KEY)
    kept.keep(run_of("q1"))
    assert kept.path is not None
    kept.path.write_text(kept.path.read_text() + line + "\n")
    assert list(KeptRankings(tmp_path / "out.trec").take(KEY)) == ["q1"]


def test_queries_that_failed_are_not_kept(tmp_path: Path) -> None:
    kept = KeptRankings(tmp_path / "out.trec")
    kept.take(KEY)
    kept.keep(
        Run.concat([run_of("q1").with_notes({"fallback": ["order given: status 503"]}), run_of("q2").with_notes({"fallback": ["windows"]})])
    )
    assert kept.count == 1
    assert list(KeptRankings(tmp_path / "out.trec").take(KEY)) == ["q2"]


def test_a_full_disk_is_told_with_the_file(tmp_path: Path) -> None:
    kept = KeptRankings(tmp_path / "out.trec")
    kept.take(KEY)
    assert kept.path is not None
    kept.path.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device") as caught:
        kept.keep(run_of("q1"))
    assert caught.value.filename == str(kept.path)
