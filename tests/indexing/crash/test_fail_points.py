"""A process killed at every fail point, and a power cut at each of them: what is found is the state before or the state after."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.indexing.crash.deeds import die_at, fresh, judge
from tests.indexing.crash.kinds import CASES, KINDS, grown, points_of, read_state, state_or_none
from tests.indexing.crash.warm import Pool, Warm


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CASES)
def test_killed_at_every_fail_point(name: str, task: str, pool: Pool, room: Path) -> None:
    kind, template = KINDS[name], room / "template"
    if task != "first":
        grown(template, kind)
    before = state_or_none(template, kind)
    points = points_of(task, fresh(template, room / "reference" / "c"), kind)
    after = read_state(room / "reference" / "c", kind)
    assert len(points) > 50

    def attempt(warm: Warm, number: int) -> None:
        folder = room / str(number)
        root, strict, chance = fresh(template, folder / "killed" / "c"), folder / "strict", folder / "chance"
        whole = number == len(points)
        code = warm.do(die_at, number, name, task, root, strict, chance)
        assert code == (0 if whole else -signal.SIGKILL), number
        found = (root,) if whole else (root, strict / "c", chance / "c")
        allowed = (after,) if whole else (before, after)
        assert warm.do(judge, name, allowed, *found) == 0, f"point {number}, before: {points[number : number + 1]}"
        shutil.rmtree(folder)

    pool.each(attempt, len(points) + 1)
