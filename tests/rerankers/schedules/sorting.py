"""Comparators that know a hidden order, or none, and a driver that keeps what was asked."""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from irloom.rerankers.schedules.contract import Group, Plan

A = TypeVar("A")


def run_plan(plan: "Plan[A]", answer: Callable[[Group], A]) -> tuple[list[int], list[list[Group]]]:
    """The final order and the groups of each round."""
    rounds: list[list[Group]] = []
    try:
        groups = next(plan)
        while True:
            rounds.append(list(groups))
            groups = plan.send([answer(group) for group in groups])
    except StopIteration as done:
        return list(done.value), rounds


def flat(rounds: Sequence[Sequence[Group]]) -> list[Group]:
    return [group for groups in rounds for group in groups]


def draw(*of: object) -> int:
    """A number that depends on the arguments alone."""
    return int.from_bytes(hashlib.blake2b(repr(of).encode(), digest_size=8).digest(), "little")


def better(values: Sequence[float]) -> Callable[[Group], float]:
    """Compares two places by their values."""
    return lambda pair: 1.0 if values[pair[0]] > values[pair[1]] else 0.5 if values[pair[0]] == values[pair[1]] else 0.0


def best(values: Sequence[float]) -> Callable[[Group], int]:
    """Chooses the place of the best value, the first one of equals."""
    return lambda group: max(range(len(group)), key=lambda place: values[group[place]])


def whim(seed: int) -> Callable[[Group], float]:
    """Compares by chance, the same in both orders; not transitive."""

    def compare(pair: Group) -> float:
        win = (draw(seed, *sorted(pair)) % 3) / 2
        return win if pair[0] < pair[1] else 1 - win

    return compare


def whims(seed: int) -> Callable[[Group], int]:
    """Chooses by chance, now and then a document that is not there."""
    return lambda group: draw(seed, group) % (len(group) + 1)
