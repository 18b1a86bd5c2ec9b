"""Schedules for lists by name, as configurations name them."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from irloom.core.errors import BadValue, UnknownName
from irloom.models.settings import at_least
from irloom.rerankers.schedules.contract import Schedule
from irloom.rerankers.schedules.self_consistency import SelfConsistency
from irloom.rerankers.schedules.top_down import TopDown
from irloom.rerankers.schedules.tournament import STAGES, Tournament
from irloom.rerankers.schedules.window import Full, Window

ListSchedule: TypeAlias = Literal["window", "full", "top_down", "tournament", "self_consistency"]

LIST_SETTINGS: Final[Mapping[str, Sequence[str]]] = {
    "window": ("window", "stride", "passes"),
    "full": (),
    "top_down": ("window",),
    "tournament": ("window", "repeats"),
    "self_consistency": ("window", "stride", "passes", "repeats"),
}
"""Schedule by name, and the settings that it has beside a seed."""


def list_schedule(
    schedule: "str | Schedule[list[int]]",
    *,
    window: int | None,
    stride: int | None,
    passes: int | None,
    repeats: int | None,
    seed: int,
    top: int,
    usual: tuple[int, int] = (20, 1),
) -> Schedule[list[int]]:
    """The schedule of that name; one that is a schedule already comes back as it is.

    Args:
        schedule: a name of `ListSchedule`, or a schedule for lists.
        window: documents of a window, a partition, or the largest group of a tournament; "full" has none.
        stride: places that windows move, half a window when left out; for "window" and "self_consistency".
        passes: how often windows go over the ranking; for "window" and "self_consistency".
        repeats: how many of "tournament", or shuffles of each window of "self_consistency"; 10 when left out.
        seed: of the shuffles of these two.
        top: best documents wanted in order; for "top_down".
        usual: the window and the passes when left out.

    Raises:
        UnknownName: there is no such schedule.
        BadValue: a setting is out of its range, or the schedule does not have it.
    """
    settings = {"window": window, "stride": stride, "passes": passes, "repeats": repeats}
    check_settings("schedule for lists", schedule, settings, LIST_SETTINGS)
    if not isinstance(schedule, str):
        return schedule
    window = usual[0] if window is None else window
    stride = max(1, window // 2) if stride is None else stride
    passes = usual[1] if passes is None else passes
    repeats = 10 if repeats is None else repeats
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


def check_settings(kind: str, schedule: object, settings: Mapping[str, int | None], known: Mapping[str, Sequence[str]]) -> None:
    """Refuses settings that would change nothing.

    Args:
        kind: what the name is one of, for errors.
        schedule: a name, or a schedule, which has its settings in itself.
        settings: by name; None where one was left out.
        known: schedule by name, and the settings that it has.

    Raises:
        UnknownName: there is no such schedule.
        BadValue: the schedule does not have a setting that was given.
    """
    if isinstance(schedule, str) and schedule not in known:
        raise UnknownName(kind, schedule, known)
    for name, value in settings.items():
        if value is None:
            continue
        if not isinstance(schedule, str):
            raise BadValue(name, value, f"none beside {schedule!r}, which has its own settings")
        if name not in known[schedule]:
            users = [other for other, names in known.items() if name in names]
            raise BadValue(name, value, f"none for the schedule {schedule!r}; {', '.join(users)} have it")


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
