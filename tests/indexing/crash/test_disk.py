"""The model of the power cut itself: what it must lose, and what it must keep."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from irloom.core import files
from tests.indexing.crash.disk import Disk


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "base" / "old").mkdir(parents=True)
    (tmp_path / "base" / "old" / "f").write_text("old")
    return tmp_path / "base"


@pytest.fixture
def disk(base: Path) -> Iterator[Disk]:
    disk = Disk(base)
    files.fail_points.append(disk.note)
    yield disk
    files.fail_points.remove(disk.note)
    disk.close()


def tree(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): "/" if path.is_dir() else path.read_text() for path in folder.rglob("*")}


def left(disk: Disk, tmp_path: Path) -> dict[str, str]:
    disk.leave(tmp_path / "left")
    return tree(tmp_path / "left")


def test_what_is_not_synced_is_lost(disk: Disk, base: Path, tmp_path: Path) -> None:
    (base / "old" / "f").write_text("changed")
    (base / "new").write_text("new")
    (base / "old" / "f").rename(base / "old" / "g")
    assert left(disk, tmp_path) == {"old": "/", "old/f": "old"}


def test_a_name_without_its_bytes(disk: Disk, base: Path, tmp_path: Path) -> None:
    (base / "new").write_text("new")
    files.fsync_folder(base)
    assert left(disk, tmp_path) == {"old": "/", "old/f": "old", "new": ""}


def test_bytes_without_their_name(disk: Disk, base: Path, tmp_path: Path) -> None:
    files.write_bytes(base / "new", b"new")
    assert left(disk, tmp_path) == {"old": "/", "old/f": "old"}


def test_a_folder_in_a_folder_that_is_not_synced(disk: Disk, base: Path, tmp_path: Path) -> None:
    files.make_folder(base / "a" / "b")
    files.write_bytes(base / "a" / "b" / "f", b"new")
    files.fsync_folder(base / "a" / "b")
    files.fsync_folder(base)
    assert left(disk, tmp_path) == {"old": "/", "old/f": "old", "a": "/"}


def test_what_is_synced_stays(disk: Disk, base: Path, tmp_path: Path) -> None:
    with files.replacing(base / "old" / "f") as file:
        file.write(b"changed")
    files.make_folder(base / "made" / "inner")
    files.write_bytes(base / "made" / "inner" / "f", b"inner")
    files.place_folder(base / "made", base / "placed")
    files.remove_file(base / "old" / "none")
    assert left(disk, tmp_path) == tree(base)


def test_an_unlink_that_is_not_synced_is_undone(disk: Disk, base: Path, tmp_path: Path) -> None:
    files.remove_tree(base / "old")
    (base / "again").write_text("may get the number of what is gone")
    assert left(disk, tmp_path) == {"old": "/", "old/f": "old"}


def test_by_chance_anything_may_have_reached_the_disk(disk: Disk, base: Path, tmp_path: Path) -> None:
    files.fsync_folder(base)
    (base / "new").write_text("new")
    (base / "old" / "f").write_text("changed")
    found = set()
    for seed in range(200):
        disk.leave(tmp_path / str(seed), random.Random(seed))
        found.add(tuple(sorted(tree(tmp_path / str(seed)).items())))
    assert {dict(tree).get("new") for tree in found} == {None, "", "n", "ne", "new"}
    assert {dict(tree)["old/f"] for tree in found} >= {"old", "changed", "chan", ""}
