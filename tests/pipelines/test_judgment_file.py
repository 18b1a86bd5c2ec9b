"""What judging stands on: a file that follows its log, whatever came between. Locks and kills are in the tests of those who judge."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from irloom.core.errors import DataError, Locked
from irloom.data.qrels import read_qrels, write_qrels
from irloom.pipelines.judgment_file import JudgmentFile
from irloom.pipelines.judgment_log import Given, log_path, read_log


def given(doc_id: str, grade: int) -> Given:
    return Given("q", doc_id, grade, "alice", "2026-01-31T12:00:00+00:00")


def anyone(_: Sequence[Given]) -> None:
    """Refuses nothing."""


@pytest.mark.parametrize("whole", [False, True])
def test_the_log_and_the_file_grow_together(tmp_path: Path, whole: bool) -> None:
    path = tmp_path / "new" / "a.qrels"
    with JudgmentFile(path, anyone) as file:
        file.add([given("a", 1), given("b", 0)], whole=whole)
        file.add([given("a", 2)], whole=whole)
        assert file.given == [given("a", 1), given("b", 0), given("a", 2)]
    assert read_qrels(path) == {"q": {"a": 2, "b": 0}}
    assert read_log(path) == file.given


@pytest.mark.parametrize("left", [{"q": {"a": 1, "b": 0}}, {"q": {"b": 0}}, {"q": {"a": 2}}])
def test_a_file_behind_its_log_is_mended(tmp_path: Path, left: dict[str, dict[str, int]]) -> None:
    """A kill leaves the grade before, a slip of the hand fewer lines."""
    path = tmp_path / "a.qrels"
    with JudgmentFile(path, anyone) as file:
        file.add([given("a", 1), given("b", 0), given("a", 2)])
    write_qrels(left, path)
    with JudgmentFile(path, anyone):
        assert read_qrels(path) == {"q": {"a": 2, "b": 0}}


@pytest.mark.parametrize("held", [{"q": {"a": 3}}, {"q": {"c": 1}}, {"other": {"a": 1}}])
def test_what_the_log_does_not_have_is_left_alone(tmp_path: Path, held: dict[str, dict[str, int]]) -> None:
    path = tmp_path / "a.qrels"
    with JudgmentFile(path, anyone) as file:
        file.add([given("a", 1)])
    write_qrels(held, path)
    with pytest.raises(DataError, match=r"a\.qrels\.log\.jsonl does not have them"), JudgmentFile(path, anyone):
        pass
    assert read_qrels(path) == held


def test_who_is_refused_changes_nothing_and_holds_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.qrels"
    with JudgmentFile(path, anyone) as file:
        file.add([given("a", 1)])
    path.unlink()

    def nobody(found: Sequence[Given]) -> None:
        raise DataError(f"{len(found)} of another judge")

    with pytest.raises(DataError, match="1 of another judge"), JudgmentFile(path, nobody):
        pass
    assert not path.exists()
    with JudgmentFile(path, anyone), pytest.raises(Locked, match="being judged by another process"), JudgmentFile(path, anyone):
        pass
    assert log_path(path).exists()
