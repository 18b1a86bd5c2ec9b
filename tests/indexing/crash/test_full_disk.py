"""A disk that fills up at any write, and a sync that fails: an error, the old state intact, nothing left, and it can be done again."""

import errno
import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from irloom.core import files
from tests.indexing.crash.deeds import fresh, judge, work
from tests.indexing.crash.kinds import CASES, KINDS, WORK, State, grown, leftovers, points_of, read_state, settle, state_or_none
from tests.indexing.crash.warm import Pool, Warm

_TAKES_ROOM = ("create", "write", "mkdir")


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


def fail_at(number: int, action: str, name: str, task: str, root: Path, before: State | None, after: State) -> None:
    """Does a piece of work while the disk is full from a fail point on, or fails to sync or to rename at it."""
    kind, full = KINDS[name], action in _TAKES_ROOM
    if full:
        trouble = failing(lambda reached, action: reached >= number and action in _TAKES_ROOM, errno.ENOSPC)
    else:
        trouble = failing(lambda reached, action: reached == number, errno.EIO)
    with pytest.raises(OSError, match="No space left" if full else "Input/output error"), trouble:
        WORK[task](root, kind)
    state = state_or_none(root, kind)
    assert state in ((before,) if full else (before, after))
    if state is None:
        left = {path.relative_to(root).parts[0] for path in root.rglob("*") if not path.is_dir()}
        assert left == {".lock", "work"} or not root.exists()
    else:
        assert {left for left in leftovers(root) if not left.startswith("work/")} == set()
    if state == before:
        WORK[task](root, kind)
        assert read_state(root, kind) == after
    else:
        settle(root, kind)
    assert leftovers(root) == set()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CASES)
def test_the_disk_fails_at_every_point(name: str, task: str, pool: Pool, room: Path) -> None:
    kind, template = KINDS[name], room / "template"
    if task != "first":
        grown(template, kind)
    before = state_or_none(template, kind)
    passed = points_of(task, fresh(template, room / "reference" / "c"), kind)
    after = read_state(room / "reference" / "c", kind)
    points = [(number, action) for number, (action, _) in enumerate(passed) if action not in ("unlink", "rmdir")]

    def attempt(warm: Warm, place: int) -> None:
        number, action = points[place]
        root = fresh(template, room / str(number) / "c")
        assert warm.do(fail_at, number, action, name, task, root, before, after) == 0, f"point {number}, before: {passed[number]}"
        shutil.rmtree(root.parent)

    pool.each(attempt, len(points))


def work_with_little_room(kind: str, task: str, root: Path, most: int) -> None:
    """Does a piece of work while no file may grow beyond a size; the kernel refuses what does, in code of any language."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    with pytest.raises(OSError, match="File too large"):
        work(kind, task, root)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CASES)
def test_the_kernel_refuses_to_write(name: str, task: str, pool: Pool, room: Path) -> None:
    template, sizes = room / "template", (0, 1, 100, 130, 150, 200, 300, 1000)
    if task != "first":
        grown(template, KINDS[name])
    before = state_or_none(template, KINDS[name])

    def attempt(warm: Warm, number: int) -> None:
        root = fresh(template, room / str(number) / "c")
        assert warm.do(work_with_little_room, name, task, root, sizes[number]) == 0, sizes[number]
        assert warm.do(judge, name, [before], root) == 0, sizes[number]

    pool.each(attempt, len(sizes))
