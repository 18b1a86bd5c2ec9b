"""A disk that fills up at any write, and a sync that fails: an error, the old state intact, nothing left, and it can be done again."""

import errno
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from irloom.core import files
from tests.indexing.crash.deeds import fresh, work
from tests.indexing.crash.kinds import KINDS, WORK, grown, leftovers, points_of, read_state, settle, state_or_none
from tests.indexing.crash.warm import Warm

_TAKES_ROOM = ("create", "write", "mkdir")
_SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in KINDS if name != "plain"]


@contextmanager
def failing(fails: Callable[[int, str], bool], number: int) -> Iterator[None]:
    """Raises an error with the errno where `fails` says so, of the number of the fail point and its action."""
    reached = -1

    def point(action: str, path: Path) -> None:
        nonlocal reached
        reached += 1
        if fails(reached, action):
            raise OSError(number, os.strerror(number), str(path))

    files.fail_points.append(point)
    try:
        yield
    finally:
        files.fail_points.remove(point)


@pytest.mark.parametrize("task", WORK)
@pytest.mark.parametrize("name", ["plain", *_SLOW])
def test_the_disk_fills_up(name: str, task: str, room: Path) -> None:
    kind, template = KINDS[name], room / "template"
    if task != "first":
        grown(template, kind)
    before = state_or_none(template, kind)
    points = points_of(task, fresh(template, room / "reference" / "c"), kind)
    after = read_state(room / "reference" / "c", kind)
    for number, (action, path) in enumerate(points):
        where = f"at {number}, before: {action} {path}"
        root = fresh(template, room / "full" / "c")
        taking = action in _TAKES_ROOM
        if taking:
            trouble = failing(lambda reached, action, number=number: reached >= number and action in _TAKES_ROOM, errno.ENOSPC)
        elif action in ("fsync", "rename"):
            trouble = failing(lambda reached, action, number=number: reached == number, errno.EIO)
        else:
            continue
        with pytest.raises(OSError, match="No space left" if taking else "Input/output error"), trouble:
            WORK[task](root, kind)
        state = state_or_none(root, kind)
        assert state in ((before,) if taking else (before, after)), where
        if state is None:
            assert not root.exists() or {entry.name for entry in root.iterdir()} == {".lock", "work"}, where
        else:
            assert {left for left in leftovers(root) if not left.startswith("work/")} == set(), where
        if state == before:
            WORK[task](root, kind)
            assert read_state(root, kind) == after, where
        else:
            settle(root, kind)
        assert leftovers(root) == set(), where


def work_with_little_room(kind: str, name: str, root: Path, most: int) -> None:
    """Does a piece of work while no file may grow beyond a size; the kernel refuses what does, in code of any language."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    with pytest.raises(OSError, match="File too large"):
        work(kind, name, root)


@pytest.mark.slow
@pytest.mark.parametrize("task", WORK)
@pytest.mark.parametrize("name", KINDS)
def test_the_kernel_refuses_to_write(name: str, task: str, warm: Warm, room: Path) -> None:
    kind, template = KINDS[name], room / "template"
    if task != "first":
        grown(template, kind)
    before = state_or_none(template, kind)
    for most in (0, 1, 100, 130, 150, 200, 300, 1000):
        root = fresh(template, room / "full" / "c")
        assert warm.do(work_with_little_room, name, task, root, most) == 0, most
        assert state_or_none(root, kind) == before, most
        WORK[task](root, kind)
        assert leftovers(root) == set(), most
