"""Schedules for lists by name, and the identifiers that they need."""

import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.lists import check_identifiers, list_schedule
from irloom.rerankers.schedules.self_consistency import SelfConsistency
from irloom.rerankers.schedules.top_down import TopDown
from irloom.rerankers.schedules.tournament import Tournament
from irloom.rerankers.schedules.window import Full, Window


def named(schedule: str | Schedule[list[int]], *, window: int = 20, repeats: int = 3, top: int = 10) -> Schedule[list[int]]:
    return list_schedule(schedule, window=window, stride=min(10, window), passes=2, repeats=repeats, seed=4, top=top)


def test_names() -> None:
    assert named("window") == Window(20, 10, 2)
    assert named("full") == Full()
    assert named("top_down") == TopDown(20, 20)
    assert named("tournament") == Tournament(rounds=3, seed=4)
    assert named("tournament", window=8) == Tournament(((8, 4), (8, 5), (5, 2)), rounds=3, seed=4)
    assert named("self_consistency") == SelfConsistency(Window(20, 10, 2), samples=3, seed=4)
    own = Window(3, 1)
    assert named(own) is own


def test_refusals() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'window'"):
        named("windows")
    with pytest.raises(BadValue, match="top is 20"):
        named("top_down", top=20)


@pytest.mark.parametrize("window", [2, 0, -5])
def test_a_window_that_is_no_group(window: int) -> None:
    with pytest.raises(BadValue, match=f"window is {window}; expected 3 or more with schedule 'tournament'"):
        named("tournament", window=window)
    assert named("tournament", window=3) == Tournament(((3, 2),), rounds=3, seed=4)


@pytest.mark.parametrize("schedule", ["tournament", "self_consistency"])
def test_no_repeats(schedule: str) -> None:
    with pytest.raises(BadValue, match="repeats is 0; expected 1 or more"):
        named(schedule, repeats=0)
    assert named("full", window=0, repeats=0, top=0) == Full()


def test_identifiers() -> None:
    check_identifiers(Full(), None, depth=1000)
    check_identifiers(Full(), 20, depth=20)
    check_identifiers(Window(30), 20, depth=20)
    with pytest.raises(BadValue, match="depth is 21; expected 20 at most: there are 20 identifiers"):
        check_identifiers(Full(), 20, depth=21)
    for schedule in (Window(26), TopDown(26), Tournament(((26, 5),)), SelfConsistency(Window(26))):
        with pytest.raises(BadValue, match="window is 26"):
            check_identifiers(schedule, 20, depth=100)
