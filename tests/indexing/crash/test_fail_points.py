"""A process killed at every fail point, and a power cut at each of them: what is found is the state before or the state after."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.indexing.crash.deeds import die_at, fresh
from tests.indexing.crash.kinds import KINDS, WORK, grown, leftovers, points_of, read_state, settle, state_or_none
from tests.indexing.crash.warm import Warm


@pytest.mark.slow
@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("name", KINDS)
def test_killed_at_every_fail_point(name: str, work: str, warm: Warm, room: Path) -> None:
    kind = KINDS[name]
    template = room / "template"
    if work != "first":
        grown(template, kind)
    before = state_or_none(template, kind)
    points = points_of(work, fresh(template, room / "reference" / "c"), kind)
    after = read_state(room / "reference" / "c", kind)
    assert len(points) > 10
    for number, point in enumerate([*points, ("", "the end")]):
        root, strict, chance = fresh(template, room / "killed" / "c"), room / "strict", room / "chance"
        code = warm.do(die_at, number, name, work, root, strict, chance)
        assert code == (-signal.SIGKILL if number < len(points) else 0), (number, point)
        for found in (root, strict / "c", chance / "c")[: 3 if number < len(points) else 1]:
            where = f"{found.parent.name} at {number}, before: {' '.join(map(str, point))}"
            state = state_or_none(found, kind)
            assert state in ((before, after) if number < len(points) else (after,)), where
            settle(found, kind)
            assert leftovers(found) == set(), where
        shutil.rmtree(strict, ignore_errors=True)
        shutil.rmtree(chance, ignore_errors=True)
