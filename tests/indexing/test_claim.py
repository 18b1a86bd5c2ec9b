"""Writers that begin and end at the same time, and what they leave where nothing came of it."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import Corrupt, Locked, NotACollection
from irloom.indexing.claim import Claim


@contextmanager
def before(action: str, name: str, happens: Callable[[], object]) -> Iterator[None]:
    """Something happens once, just before a change to the disk."""
    waiting = [happens]

    def point(reached: str, path: Path) -> None:
        if (reached, path.name) == (action, name) and waiting:
            waiting.pop()()

    files.fail_points.append(point)
    try:
        yield
    finally:
        files.fail_points.remove(point)
    assert not waiting


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_nothing_stays_of_what_never_came_to_be(tmp_path: Path) -> None:
    claim = Claim(tmp_path / "deep" / "c")
    with pytest.raises(Locked, match=f"locked by process {os.getpid()}"):
        Claim(tmp_path / "deep" / "c")
    for name in ("segments", "readers", "work"):
        (tmp_path / "deep" / "c" / name).mkdir()
    claim.leave()
    assert list((tmp_path / "deep").iterdir()) == []
    (tmp_path / "deep" / "c").mkdir()
    Claim(tmp_path / "deep" / "c").leave()
    assert list((tmp_path / "deep" / "c").iterdir()) == []


def test_what_can_be_taken_up_again_stays(tmp_path: Path) -> None:
    claim = Claim(tmp_path / "c")
    (tmp_path / "c" / "work").mkdir()
    (tmp_path / "c" / "work" / "shard").touch()
    claim.leave()
    assert (tmp_path / "c" / "work" / "shard").exists()
    Claim(tmp_path / "c").leave()


def test_a_writer_that_begins_while_another_leaves(tmp_path: Path) -> None:
    first, others = Claim(tmp_path / "c"), []
    with before("rmdir", "c", lambda: others.append(Claim(tmp_path / "c"))):
        first.leave()
    with pytest.raises(Locked):
        Claim(tmp_path / "c")
    others[0].leave()
    assert list((tmp_path / "c").iterdir()) == []  # it was there when that one began
    with before("create", ".lock", (tmp_path / "c").rmdir):
        Claim(tmp_path / "c").leave()


@pytest.mark.parametrize(("action", "name"), [("mkdir", "c"), ("create", ".lock")])
def test_a_disk_too_full_to_begin(tmp_path: Path, action: str, name: str) -> None:
    with before(action, name, full), pytest.raises(OSError, match="No space"):
        Claim(tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


def test_what_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotACollection, match="file"):
        Claim(tmp_path / "file")
    with pytest.raises(NotACollection, match="other things, such as 'file'"):
        Claim(tmp_path)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "readers").symlink_to(tmp_path)
    with pytest.raises(Corrupt, match="link"):
        Claim(tmp_path / "c")
