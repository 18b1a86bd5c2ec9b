"""Every change to the disk is a fail point: the interpreter's own audit events are held against them."""

import os
import sys
from pathlib import Path

import pytest

from irloom.core import files
from tests.indexing.crash.deeds import fresh, work
from tests.indexing.crash.kinds import KINDS, WORK, grown
from tests.indexing.crash.warm import Pool

_CHANGES = {"os.rename": "rename", "os.remove": "unlink", "os.mkdir": "mkdir", "os.rmdir": "rmdir"}
_NEVER = ("os.link", "os.symlink", "os.truncate", "os.chmod", "shutil.rmtree", "shutil.move", "shutil.copyfile")
_WRITES = os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(kind: str, name: str, root: Path, report: Path) -> None:
    """Does a piece of work and writes a line for each change under the root that was not told as a fail point just before."""
    told: list[tuple[str, str]] = []
    lines: list[str] = []

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event == "os.truncate" and told[-1][0] == "write":
            pass  # a lock's file, before the holder writes itself into it
        elif event in _NEVER:
            lines.append(f"{event} {args}")
        elif event == "open" and isinstance(args[2], int) and args[2] & _WRITES:
            expect("create", args[0])
        elif event in _CHANGES:
            expect(_CHANGES[event], args[event == "os.rename"])

    def expect(action: str, path: object) -> None:
        where = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else str(path)
        if (not where.startswith("/") or Path(where).is_relative_to(root.parent)) and told[-1:] != [(action, where)]:
            lines.append(f"{action} {where}")

    def point(action: str, path: Path) -> None:
        told.append((action, str(path)))

    old = {str(path) for path in root.parent.rglob("*")}
    files.fail_points.append(point)
    sys.addaudithook(hook)
    work(kind, name, root)
    found = list(lines)
    made = {path for action, path in told if action in ("create", "rename", "mkdir")}
    found += [f"made by other code: {path}" for path in root.parent.rglob("*") if str(path) not in old | made]
    files.fail_points.remove(point)
    report.write_text("\n".join(found))


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_no_change_goes_untold(name: str, pool: Pool, room: Path) -> None:
    template, report = room / "template", room / "report"
    grown(template, KINDS[name])
    for task in WORK:
        root = fresh(room / "none" if task == "first" else template, room / "watched" / "c")
        assert pool.do(watch, name, task, root, report) == 0
        assert report.read_text() == "", task
