"""Schedules for lists by name, and the identifiers that they need."""

import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.lists import LIST_SETTINGS, check_identifiers, list_schedule
from irloom.rerankers.schedules.self_consistency import SelfConsistency
from irloom.rerankers.schedules.top_down import TopDown
from irloom.rerankers.schedules.tournament import Tournament
from irloom.rerankers.schedules.window import Full, Window


def named(schedule: str | Schedule[list[int]], *, top: int = 10, **settings: int) -> Schedule[list[int]]:
    given = {name: settings.get(name) for name in ("window", "stride", "passes", "repeats")}
    return list_schedule(schedule, **given, seed=4, top=top)


def test_names() -> None:
    assert named("window") == Window(20, 10, 1)
    assert named("window", window=7) == Window(7, 3, 1)
    assert named("window", window=7, stride=7, passes=2) == Window(7, 7, 2)
    assert named("full") == Full()
    assert named("top_down") == TopDown(20, 20)
    assert named("tournament") == Tournament(rounds=10, seed=4)
    assert named("tournament", window=8, repeats=3) == Tournament(((8, 4), (8, 5), (5, 2)), rounds=3, seed=4)
    assert named("self_consistency", passes=2, repeats=3) == SelfConsistency(Window(20, 10, 2), samples=3, seed=4)
    usual = list_schedule("window", window=None, stride=None, passes=None, repeats=None, seed=4, top=10, usual=(4, 5))
    assert usual == Window(4, 2, 5)
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
    assert named("tournament", window=3) == Tournament(((3, 2),), rounds=10, seed=4)


@pytest.mark.parametrize("schedule", ["tournament", "self_consistency"])
def test_no_repeats(schedule: str) -> None:
    with pytest.raises(BadValue, match="repeats is 0; expected 1 or more"):
        named(schedule, repeats=0)
    assert named("full", top=0) == Full()


@pytest.mark.parametrize("schedule", LIST_SETTINGS)
def test_a_setting_that_the_schedule_does_not_have(schedule: str) -> None:
    for name in {"window", "stride", "passes", "repeats"}.difference(LIST_SETTINGS[schedule]):
        with pytest.raises(BadValue, match=rf"{name} is 5; expected none for the schedule '{schedule}'; .*self_consistency have it"):
            named(schedule, **{name: 5})
    with pytest.raises(BadValue, match=r"window is 5; expected none beside Window\(size=3, stride=1, passes=1\), which has its own"):
        named(Window(3, 1), window=5)


def test_identifiers() -> None:
    check_identifiers(Full(), None, depth=1000)
    check_identifiers(Full(), 20, depth=20)
    check_identifiers(Window(30), 20, depth=20)
    with pytest.raises(BadValue, match="depth is 21; expected 20 at most: there are 20 identifiers"):
        check_identifiers(Full(), 20, depth=21)
    for schedule in (Window(26), TopDown(26), Tournament(((26, 5),)), SelfConsistency(Window(26))):
        with pytest.raises(BadValue, match="window is 26"):
            check_identifiers(schedule, 20, depth=100)
