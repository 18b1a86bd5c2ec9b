"""What the warm process does in children that die of it."""

import os
import random
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from irloom.core import files
from irloom.indexing.ann import segment
from tests.indexing.crash.disk import Disk
from tests.indexing.crash.kinds import KINDS, LIFE, SMALL, WORK, State, leftovers, read_state, settle, state_or_none


def prepare() -> None:
    """Does everything once, so that all is imported and compiled."""
    segment.SMALL = SMALL
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in KINDS.items():
            root = Path(folder) / name
            for task in LIFE:
                WORK[task](root, kind)
                read_state(root, kind)


def work(kind: str, name: str, root: Path) -> None:
    """Does a piece of work to its end."""
    WORK[name](root, KINDS[kind])


def life(kind: str, root: Path) -> None:
    """Does all the work there is, one piece after the other, from nothing."""
    for name in LIFE:
        work(kind, name, root)


def die_at(number: int, kind: str, name: str, root: Path, strict: Path, chance: Path) -> None:
    """Does a piece of work up to a fail point, writes what a power cut there would leave beside, and is killed.

    Args:
        number: of the fail point, from 0.
        kind: of the part.
        name: of the work.
        root: the collection; the whole folder that it lies in is the disk.
        strict: becomes that folder with what is safe alone.
        chance: becomes that folder with some of what is not.
    """
    disk = Disk(root.parent)
    reached = 0

    def point(action: str, path: Path) -> None:
        nonlocal reached
        if reached == number:
            disk.leave(strict)
            disk.leave(chance, random.Random(number))
            os.kill(os.getpid(), signal.SIGKILL)
        reached += 1
        disk.note(action, path)

    files.fail_points.append(point)
    work(kind, name, root)


def judge(kind: str, allowed: Sequence[State | None], *roots: Path) -> None:
    """Holds what a reader finds in each collection against the states that are allowed, and that nothing leaks after a next commit."""
    for root in roots:
        found = state_or_none(root, KINDS[kind])
        assert found in allowed, f"{root}: {found}, not one of {allowed}"
        settle(root, KINDS[kind])
        assert leftovers(root) == set(), root


def fresh(source: Path, target: Path) -> Path:
    """A copy of the collection `source` (where it is there) as `target`, alone in a folder of its own."""
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.mkdir(parents=True)
    if source.exists():
        shutil.copytree(source, target)
    return target
