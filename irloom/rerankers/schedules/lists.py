"""Schedules for lists by name, as configurations name them."""

from typing import Literal, TypeAlias, get_args

from irloom.core.errors import BadValue, UnknownName
from irloom.models.settings import at_least
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.self_consistency import SelfConsistency
from irloom.rerankers.schedules.top_down import TopDown
from irloom.rerankers.schedules.tournament import STAGES, Tournament
from irloom.rerankers.schedules.window import Full, Window

ListSchedule: TypeAlias = Literal["window", "full", "top_down", "tournament", "self_consistency"]


def list_schedule(
    schedule: "str | Schedule[list[int]]", *, window: int, stride: int, passes: int, repeats: int, seed: int, top: int
) -> Schedule[list[int]]:
    """The schedule of that name; one that is a schedule already comes back as it is. What a schedule does not use is not looked at.

    Args:
        schedule: a name of `ListSchedule`, or a schedule for lists.
        window: documents of a window, a partition, or the largest group of a tournament; "full" has none.
        stride: places that windows move; for "window" and "self_consistency".
        passes: how often windows go over the ranking; for "window" and "self_consistency".
        repeats: how many of "tournament", or shuffles of each window of "self_consistency".
        seed: of the shuffles of these two.
        top: best documents wanted in order; for "top_down".

    Raises:
        UnknownName: there is no such schedule.
        BadValue: a setting is out of its range.
    """
    if not isinstance(schedule, str):
        return schedule
    if schedule not in get_args(ListSchedule):
        raise UnknownName("schedule for lists", schedule, get_args(ListSchedule))
    if schedule == "full":
        return Full()
    if schedule in ("tournament", "self_consistency"):
        at_least("repeats", repeats, 1)
    if schedule == "top_down":
        if not 1 <= top < window:
            raise BadValue("top", top, f"1 to {window - 1}, less than the window, with schedule 'top_down'")
        return TopDown(window, budget=window)
    if schedule == "tournament":
        if window < 3:
            raise BadValue("window", window, "3 or more with schedule 'tournament': of two documents the last stage has no loser")
        stages = tuple((min(size, window), winners) for size, winners in STAGES if winners < min(size, window))
        return Tournament(stages, rounds=repeats, seed=seed)
    sliding = Window(window, stride, passes)
    return sliding if schedule == "window" else SelfConsistency(sliding, samples=repeats, seed=seed)


def check_identifiers(schedule: "Schedule[list[int]]", most: int | None, *, depth: int) -> None:
    """Refuses a schedule that shows more documents at once than have identifiers; one of another's making is not looked into.

    Args:
        schedule: a schedule for lists.
        most: identifiers, None for any number.
        depth: documents of a ranking at most.

    Raises:
        BadValue: there are not enough identifiers.
    """
    inner = schedule.inner if isinstance(schedule, SelfConsistency) else schedule
    if most is None:
        return
    advice = f"{most} at most: there are {most} identifiers, and each document that is shown needs one"
    if isinstance(inner, Full) and depth > most:
        raise BadValue("depth", depth, f"{advice}; use the schedule 'window' for more")
    if isinstance(inner, Window | TopDown | Tournament) and min(depth, inner.size) > most:
        raise BadValue("window", inner.size, advice)
