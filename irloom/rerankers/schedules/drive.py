"""Runs the plans of many queries side by side, so that one call of the comparator carries a round of all of them."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeAlias, TypeVar

from irloom.core.errors import EndpointError, ModelError, ShapeMismatch, SpendLimit
from irloom.core.types import Document, Query
from irloom.rerankers.comparators.contract import FAILED, NARROWED, Answer, Candidates, Spent
from irloom.rerankers.schedules.contract import Group, Plan, Schedule

A = TypeVar("A")

Ask: TypeAlias = Callable[[Sequence[tuple[int, Group]]], Sequence[Answer[A]]]
"""Rows of queries, each with a group of places, to one answer for each."""


@dataclass(slots=True)
class Outcome:
    """What one query's plan gave.

    Attributes:
        order: all places, best first.
        spent: what its answers cost.
        groups: answers that it had.
        faults: how many answers had each fault; answers in order are not counted.
        wrong: what the first answer with a fault says of it.
        narrowed: what the first answer says that was found in smaller windows than asked for, "" where none was.
        failed: why the plan was given up, "" where it was not; the order is then the one given.
        gone: the error of a server that gave a whole round up.
        seconds: its share of the time in the comparator: each call's time is split evenly over its requests.
    """

    order: list[int]
    spent: Spent = field(default_factory=Spent)
    groups: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    wrong: str = ""
    narrowed: str = ""
    failed: str = ""
    gone: ModelError | None = None
    seconds: float = 0.0


def drive(schedule: Schedule[A], sizes: Sequence[int], ask: Ask[A], *, top: int) -> list[Outcome]:
    """One outcome for each ranking; `sizes` are their lengths.

    A query whose answer failed is given up and keeps its order; the others go on. Where a server fails for a whole round, all queries
    that still wait are given up.

    Raises:
        ShapeMismatch: `ask` gives another number of answers than requests, or a plan's order is no permutation.
    """
    outcomes = [Outcome(list(range(n))) for n in sizes]
    plans = [schedule.plan(n, top=top) for n in sizes]
    waiting: dict[int, Sequence[Group]] = {}
    for row in range(len(plans)):
        _advance(plans[row], None, row, waiting, outcomes[row])
    while waiting:
        requests = [(row, group) for row, groups in waiting.items() for group in groups]
        started = perf_counter()
        try:
            answers = ask(requests) if requests else []
        except (EndpointError, SpendLimit) as error:  # a server that gave a whole round up; what was done before is done
            for row in waiting:
                outcomes[row].failed, outcomes[row].gone = str(error), error
                plans[row].close()
            break
        share = (perf_counter() - started) / max(1, len(requests))
        if len(answers) != len(requests):
            raise ShapeMismatch("the answers", expected=f"one a request, {len(requests)}", found=(len(answers),))
        start, rounds, waiting = 0, waiting, {}
        for row, groups in rounds.items():
            mine = answers[start : start + len(groups)]
            start += len(groups)
            _note(outcomes[row], mine, share)
            if outcomes[row].failed:
                plans[row].close()
            else:
                _advance(plans[row], [answer.value for answer in mine], row, waiting, outcomes[row])
    return outcomes


def _advance(plan: "Plan[A]", answers: Sequence[A] | None, row: int, waiting: dict[int, Sequence[Group]], outcome: Outcome) -> None:
    try:
        waiting[row] = next(plan) if answers is None else plan.send(answers)
    except StopIteration as done:
        order = [int(place) for place in done.value]
        if sorted(order) != outcome.order:
            raise ShapeMismatch("the order", expected=f"a permutation of {len(outcome.order)} places", found=(len(order),)) from None
        outcome.order = order


def _note(outcome: Outcome, answers: Sequence[Answer[A]], share: float) -> None:
    for answer in answers:
        outcome.spent += answer.spent
        outcome.groups += 1
        outcome.seconds += share
        if answer.fault == NARROWED:
            outcome.narrowed = outcome.narrowed or answer.detail
        elif answer.fault:
            outcome.wrong = outcome.wrong or answer.detail
            outcome.faults[answer.fault] += 1
        if answer.fault == FAILED:
            outcome.failed = outcome.failed or answer.detail or FAILED


def together(plans: "Sequence[Plan[A]]") -> "Generator[Sequence[Group], Sequence[A], list[list[int]]]":
    """The plans of one ranking side by side: a round asks for the groups of all that still run; returns the order of each."""
    orders: list[list[int]] = [[] for _ in plans]
    answers: Mapping[int, Sequence[A] | None] = dict.fromkeys(range(len(plans)))
    while answers:
        groups: dict[int, Sequence[Group]] = {}
        for place, sent in answers.items():
            try:
                groups[place] = next(plans[place]) if sent is None else plans[place].send(sent)
            except StopIteration as done:
                orders[place] = done.value
        if not groups:
            break
        flat = yield [group for some in groups.values() for group in some]
        starts, start = {}, 0
        for place, some in groups.items():
            starts[place] = flat[start : start + len(some)]
            start += len(some)
        answers = starts
    return orders


def about_groups(ask: Callable[[Sequence[Candidates]], Sequence[Answer[A]]], candidates: Sequence[Candidates]) -> Ask[A]:
    """Asks a SetSelector's `select` or a ListOrderer's `order` about the places of those candidates."""

    def asked(requests: Sequence[tuple[int, Group]]) -> Sequence[Answer[A]]:
        return ask([(candidates[row][0], [candidates[row][1][place] for place in group]) for row, group in requests])

    return asked


def about_pairs(
    ask: Callable[[Sequence[tuple[Query, Document, Document]]], Sequence[Answer[A]]], candidates: Sequence[Candidates]
) -> Ask[A]:
    """Asks a PairComparator's `compare` about the places of those candidates; each group is two places."""

    def asked(requests: Sequence[tuple[int, Group]]) -> Sequence[Answer[A]]:
        texts = [(row, candidates[row][1], group) for row, group in requests]
        return ask([(candidates[row][0], documents[first], documents[second]) for row, documents, (first, second) in texts])

    return asked
