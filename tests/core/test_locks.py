"""Locks of the OS: they name their holder, go with its process, and hold under unlinks."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from irloom.core import files
from irloom.core.errors import Locked
from irloom.core.locks import FileLock, sole_maker


def test_a_lock_names_its_holder_and_goes_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from irloom.core.locks import FileLock; lock = FileLock(Path(sys.argv[1]));"
        "lock.acquire(shared=False); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "l")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Locked, match=f"by process {process.pid}"):
            FileLock(tmp_path / "l").acquire(shared=False)
        process.kill()
    with FileLock(tmp_path / "l"):
        pass


def test_shared_locks_live_together(tmp_path: Path) -> None:
    first, second, writer = (FileLock(tmp_path / "l") for _ in range(3))
    first.acquire(shared=True)
    second.acquire(shared=True)
    with pytest.raises(Locked):
        writer.acquire(shared=False)
    first.release()
    second.release()
    writer.acquire(shared=False)
    writer.release()
    writer.release()


@contextmanager
def refused(number: int) -> Iterator[None]:
    """Every change to the disk fails."""

    def point(action: str, path: Path) -> None:
        raise OSError(number, os.strerror(number), str(path))

    files.fail_points.append(point)
    try:
        yield
    finally:
        files.fail_points.remove(point)


def test_a_lock_that_cannot_be_signed_on_a_full_disk_is_held(tmp_path: Path) -> None:
    (tmp_path / "l").touch()
    with refused(errno.ENOSPC), FileLock(tmp_path / "l"), pytest.raises(Locked, match="is locked; wait"):
        FileLock(tmp_path / "l").acquire(shared=True)
    with refused(errno.ENOSPC), pytest.raises(OSError, match="No space"):
        FileLock(tmp_path / "none").acquire(shared=False)


def test_a_lock_whose_signing_is_ended_is_let_go(tmp_path: Path) -> None:
    class Ended(BaseException):
        """Not an Exception, as KeyboardInterrupt."""

    def point(action: str, path: Path) -> None:
        if action == "write":
            raise Ended

    first = FileLock(tmp_path / "l")
    files.fail_points.append(point)
    try:
        with pytest.raises(Ended):
            first.acquire(shared=False)
    finally:
        files.fail_points.remove(point)
    with FileLock(tmp_path / "l"), pytest.raises(Locked):
        first.acquire(shared=False)


def test_a_shared_lock_changes_nothing_where_the_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "l").touch(mode=0o444)
    with refused(errno.EACCES):
        FileLock(tmp_path / "l").acquire(shared=True)
        with pytest.raises(OSError, match="denied"):
            FileLock(tmp_path / "none").acquire(shared=True)


def test_a_lock_on_a_file_that_its_holder_unlinked_keeps_nobody_out(tmp_path: Path) -> None:
    first, second, third = (FileLock(tmp_path / "l") for _ in range(3))
    first.acquire(shared=False)
    old = os.open(tmp_path / "l", os.O_RDWR)  # another process is about to ask for the lock
    files.remove_file(tmp_path / "l")
    first.release()
    with pytest.MonkeyPatch.context() as patch:
        opened = [old]
        patch.setattr(os, "open", lambda *args, real=os.open: opened.pop() if opened else real(*args))
        second.acquire(shared=False)
    with pytest.raises(Locked):
        third.acquire(shared=False)
    second.release()


def test_a_link_is_not_locked(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    (tmp_path / "l").symlink_to(tmp_path / "mine")
    for shared in (True, False):
        with pytest.raises(OSError, match="symbolic"):
            FileLock(tmp_path / "l").acquire(shared=shared)
    assert (tmp_path / "mine").read_text() == "precious"


def test_two_never_make_the_same(tmp_path: Path) -> None:
    output = tmp_path / "new" / "out.trec"
    with sole_maker(output), sole_maker(tmp_path / "new" / "other.trec"):
        with (
            pytest.raises(Locked, match=r"out\.trec is being made by another process .*by process \d+.*name another place"),
            sole_maker(output),
        ):
            pass
        output.mkdir()
    with sole_maker(output):
        pass
    assert list(output.parent.iterdir()) == [output]
    with sole_maker(Path("/dev/null")), sole_maker(Path("/dev/null")):
        pass


def test_folders_that_were_made_for_nothing_go(tmp_path: Path) -> None:
    with sole_maker(tmp_path / "a" / "b" / "out.trec"):
        (tmp_path / "a" / "kept").mkdir()
    assert list(tmp_path.rglob("*")) == [tmp_path / "a", tmp_path / "a" / "kept"]
    with pytest.raises(ValueError, match="no"), sole_maker(tmp_path / "new" / "b" / "out.trec"):
        raise ValueError("no")
    assert not (tmp_path / "new").exists()
