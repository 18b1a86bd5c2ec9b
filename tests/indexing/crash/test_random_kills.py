"""Processes killed at random moments."""

import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.indexing.crash.deeds import judge, life
from tests.indexing.crash.kinds import KINDS, LIFE, WORK, read_state
from tests.indexing.crash.warm import Pool, Warm

KILLS = 50


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_killed_at_random_moments(name: str, pool: Pool, room: Path) -> None:
    kind, states = KINDS[name], [None]
    for task in LIFE:
        WORK[task](room / "reference", kind)
        states.append(read_state(room / "reference", kind))
    begin = time.monotonic()
    assert pool.do(life, name, room / "whole") == 0
    seconds = time.monotonic() - begin
    killed: list[float] = []

    def attempt(warm: Warm, number: int) -> None:
        root, chance = room / str(number), random.Random(f"{name} {number}")
        while True:
            after = chance.random() * seconds
            code = warm.do(life, name, root, kill_after=after)
            assert code in (0, -signal.SIGKILL)
            assert warm.do(judge, name, states if code else states[-1:], root) == 0, f"killed after {after} s"
            shutil.rmtree(root)
            if code:
                break
        killed.append(after)

    pool.each(attempt, KILLS)
    assert len(killed) == KILLS
