"""Judging survives whatever ends it: quitting, errors at any write, another process."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import BadLine, BadValue, DataError, Locked
from irloom.data.pool import PoolItem
from irloom.data.qrels import read_qrels, write_qrels
from irloom.pipelines.judging import Judging
from irloom.pipelines.judgment_log import log_path

POOL = [PoolItem("q1", doc) for doc in "abc"] + [PoolItem("q2", "a")]


def judging(output: Path, *, judge: str = "alice", pool: list[PoolItem] = POOL) -> Judging:
    return Judging(pool, output, judge=judge, now=lambda: datetime(2026, 1, 31, 12, tzinfo=UTC))


def test_judgments_and_their_provenance(tmp_path: Path) -> None:
    output = tmp_path / "new" / "alice.qrels"
    with judging(output) as session:
        assert session.place == (1, 4)
        session.give(2)
        session.skip()
        session.give(0)
        assert (session.current, session.left) == (POOL[3], 2)
    assert read_qrels(output) == {"q1": {"a": 2, "c": 0}}
    lines = [json.loads(line) for line in log_path(output).read_text().splitlines()]
    assert lines[1] == {"query_id": "q1", "doc_id": "c", "grade": 0, "judge": "alice", "at": "2026-01-31T12:00:00+00:00", "kind": "human"}


def test_taken_up_again(tmp_path: Path) -> None:
    """What is judged is not asked again; what was skipped is."""
    output = tmp_path / "a.qrels"
    with judging(output) as session:
        session.give(2)
        session.skip()
        session.give(1)
    with judging(output) as session:
        assert session.current == POOL[1]
        session.give(3)
        assert session.current == POOL[3]
        session.give(0)
        assert session.current is None
    assert read_qrels(output) == {"q1": {"a": 2, "b": 3, "c": 1}, "q2": {"a": 0}}


def test_back_to_what_was_judged_before(tmp_path: Path) -> None:
    """A judgment that is given again takes the place of the first; the log keeps both."""
    output = tmp_path / "a.qrels"
    with judging(output) as session:
        session.give(2)
    with judging(output) as session:
        assert session.current == POOL[1]
        assert session.back()
        assert session.current == POOL[0]
        session.back()
        assert session.current == POOL[0]  # there is none before it
        session.give(1)
        assert session.current == POOL[1]
    assert read_qrels(output) == {"q1": {"a": 1}}
    assert [json.loads(line)["grade"] for line in log_path(output).read_text().splitlines()] == [2, 1]


def test_back_from_the_end(tmp_path: Path) -> None:
    with judging(tmp_path / "a.qrels") as session:
        for _ in POOL:
            session.give(1)
        assert session.current is None
        assert session.back()
        assert session.current == POOL[3]


def test_nothing_is_written_before_the_first_judgment(tmp_path: Path) -> None:
    with judging(tmp_path / "a.qrels") as session:
        session.skip()
    assert [path.name for path in tmp_path.iterdir()] == [".a.qrels.lock"]


def test_an_error_at_any_step_loses_nothing_that_was_given(tmp_path: Path) -> None:
    """At each write, sync and rename in turn: what stood before stands, and the judgment that failed is there or not, in both files."""
    steps = 0
    while True:
        output = tmp_path / f"{steps}.qrels"
        with judging(output) as session:
            session.give(2)
            left = steps

            def fail(action: str, path: Path) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise OSError(28, "No space left on device", str(path))

            files.fail_points.append(fail)
            try:
                session.give(3)
                failed = False
            except OSError:
                failed = True
            finally:
                files.fail_points.clear()
        with judging(output) as session:
            assert session.grades in ({("q1", "a"): 2}, {("q1", "a"): 2, ("q1", "b"): 3})
            assert failed or len(session.grades) == 2
        assert {(query, doc): grade for query, row in read_qrels(output).items() for doc, grade in row.items()} == session.grades
        if not failed:
            break
        steps += 1
    assert steps >= 8  # two files: write, sync, rename, sync of the folder each


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    with (
        judging(tmp_path / "a.qrels"),
        pytest.raises(Locked, match=r"a\.qrels is being judged by another process"),
        judging(tmp_path / "a.qrels"),
    ):
        pass
    with judging(tmp_path / "a.qrels"):
        pass


def test_each_judge_has_a_file(tmp_path: Path) -> None:
    output = tmp_path / "a.qrels"
    with judging(output) as session:
        session.give(2)
    before = output.read_bytes()
    with pytest.raises(DataError, match="holds the judgments of 'alice', not of 'bob'"), judging(output, judge="bob"):
        pass
    assert output.read_bytes() == before


def test_judgments_of_another_origin_are_left_alone(tmp_path: Path) -> None:
    output = tmp_path / "official.qrels"
    write_qrels({"q1": {"a": 1}}, output)
    with pytest.raises(DataError, match="'irloom judge' did not write"), judging(output):
        pass
    assert read_qrels(output) == {"q1": {"a": 1}}


def test_a_broken_log_is_named(tmp_path: Path) -> None:
    output = tmp_path / "a.qrels"
    for line in ('{"query_id": "q1"}', '{"query_id": "q1", "doc_id": "a", "grade": "2", "judge": "alice", "at": "", "kind": "human"}', "{"):
        log_path(output).write_text(line + "\n")
        with pytest.raises(BadLine, match=r"a\.qrels\.log\.jsonl line 1"), judging(output):
            pass


@pytest.mark.parametrize("name", ["", " ", "alice "])
def test_a_judge_has_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadValue, match="judge"):
        judging(tmp_path / "a.qrels", judge=name)


def test_no_such_grade(tmp_path: Path) -> None:
    with judging(tmp_path / "a.qrels", pool=POOL[:1]) as session:
        with pytest.raises(BadValue, match="grade"):
            session.give(4)
        session.give(3)
        with pytest.raises(BadValue, match="while there is a document"):
            session.give(3)


def test_what_is_no_plain_file_is_refused_unread(tmp_path: Path) -> None:
    """/dev/full never ends; a folder has no name to put a lock beside."""
    with pytest.raises(BadValue, match="/dev/full'; expected a plain file"):
        judging(Path("/dev/full"))
    for folder in (Path(), tmp_path):
        with pytest.raises(IsADirectoryError):
            judging(folder)


@pytest.mark.parametrize("left", [None, ""])
def test_lost_judgments_come_back_from_the_log(tmp_path: Path, left: str | None) -> None:
    output = tmp_path / "a.qrels"
    with judging(output) as session:
        session.give(2)
        session.give(1)
    output.unlink()
    if left is not None:
        output.write_text(left)
    with judging(output) as session:
        assert session.current == POOL[2]
    assert read_qrels(output) == {"q1": {"a": 2, "b": 1}}
