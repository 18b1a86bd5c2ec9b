"""Readers and generations: who holds what, and what a reader does that meets a writer."""

import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import Locked, NotACollection
from irloom.core.locks import FileLock
from irloom.indexing import readers
from irloom.indexing.manifest import Manifest
from irloom.indexing.readers import has_older_readers, hold_newest, offer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    offer(tmp_path, 3)
    Manifest(generation=3).write(tmp_path)
    return tmp_path


@pytest.fixture
def refused() -> Iterator[list[int]]:
    """The number of the error that every change to the disk gives, once one stands here."""
    numbers: list[int] = []

    def point(action: str, path: Path) -> None:
        if numbers:
            raise OSError(numbers[0], os.strerror(numbers[0]), str(path))

    files.fail_points.append(point)
    yield numbers
    files.fail_points.remove(point)


def test_a_reader_holds_its_generation(root: Path) -> None:
    manifest, lock = hold_newest(root)
    assert lock is not None
    assert lock.path == root / "readers" / "3"
    offer(root, 4)
    Manifest(generation=4).write(root)
    assert has_older_readers(root, 4)
    lock.release()
    assert not has_older_readers(root, 4)
    assert [path.name for path in (root / "readers").iterdir()] == ["4"]
    assert manifest == Manifest(generation=3)


def test_a_reader_that_meets_the_look_of_a_writer_comes_again(root: Path) -> None:
    look = FileLock(root / "readers" / "3")
    look.acquire(shared=False, sign=False)
    found: list[tuple[int, bool]] = []

    def read() -> None:
        manifest, lock = hold_newest(root)
        found.append((manifest.generation, lock is not None))

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.05)
    assert reader.is_alive()
    offer(root, 4)
    Manifest(generation=4).write(root)
    reader.join(60)
    look.release()
    assert found == [(4, True)]


def test_a_lock_that_never_opens_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_TRIES", 3)
    with FileLock(root / "readers" / "3"), pytest.raises(Locked, match=r"readers is locked"):
        hold_newest(root)


def test_a_reader_writes_nothing_where_a_writer_made_the_file(root: Path, refused: list[int]) -> None:
    refused.append(errno.ENOSPC)
    assert hold_newest(root)[1] is not None


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_copy_on_a_read_only_disk_is_read_without_a_lock(root: Path, refused: list[int], number: int) -> None:
    files.remove_tree(root / "readers")
    refused.append(number)
    assert hold_newest(root) == (Manifest(generation=3), None)


def test_a_copy_on_a_full_disk_is_not_read_unprotected(root: Path, refused: list[int]) -> None:
    files.remove_tree(root / "readers")
    refused.append(errno.ENOSPC)
    with pytest.raises(OSError, match="No space left"):
        hold_newest(root)
    refused.clear()
    assert hold_newest(root)[1] is not None


def test_nothing_is_held_of_what_is_no_collection(tmp_path: Path) -> None:
    with pytest.raises(NotACollection):
        hold_newest(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not has_older_readers(tmp_path, 1)
