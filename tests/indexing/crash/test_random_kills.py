"""Processes killed at random moments."""

import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.indexing.crash.deeds import life
from tests.indexing.crash.kinds import KINDS, LIFE, WORK, leftovers, read_state, settle, state_or_none
from tests.indexing.crash.warm import Warm

KILLS = 50


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_killed_at_random_moments(name: str, warm: Warm, room: Path) -> None:
    kind = KINDS[name]
    states = [None]
    for task in LIFE:
        WORK[task](room / "reference", kind)
        states.append(read_state(room / "reference", kind))
    begin = time.monotonic()
    assert warm.do(life, name, room / "whole") == 0
    seconds = time.monotonic() - begin
    chance, killed = random.Random(name), 0
    while killed < KILLS:
        after = chance.random() * seconds
        code = warm.do(life, name, room / "c", kill_after=after)
        assert code in (0, -signal.SIGKILL)
        killed += code != 0
        assert state_or_none(room / "c", kind) in states, f"killed after {after} s"
        settle(room / "c", kind)
        assert leftovers(room / "c") == set(), f"killed after {after} s"
        shutil.rmtree(room / "c")
