"""remembered: a group that a sort asks about again, in the same order for the same query, is not asked twice."""

from collections.abc import Sequence
from typing import TypeVar

from irloom.rerankers.comparators.contract import Answer
from irloom.rerankers.schedules.contract import Group
from irloom.rerankers.schedules.drive import Ask

A = TypeVar("A")


def remembered(ask: Ask[A]) -> Ask[A]:
    """The same answers as those of `ask`, each asked once; one that is given again has cost nothing.

    Args:
        ask: rows of queries, each with a group of places, to answers that depend on them alone.
    """
    told: dict[tuple[int, Group], Answer[A]] = {}

    def asked(requests: Sequence[tuple[int, Group]]) -> Sequence[Answer[A]]:
        new = list(dict.fromkeys(request for request in requests if request not in told))
        fresh = dict(zip(new, ask(new), strict=True)) if new else {}
        told.update((request, Answer(answer.value)) for request, answer in fresh.items())
        return [fresh.pop(request, told[request]) for request in requests]

    return asked
