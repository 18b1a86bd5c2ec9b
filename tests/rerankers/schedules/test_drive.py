"""Plans of many queries in one batch a round; failures keep the order."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import pytest

from irloom.core.errors import EndpointError, ShapeMismatch
from irloom.core.types import Document, Query
from irloom.rerankers.comparators.contract import FAILED, Answer, Spent
from irloom.rerankers.schedules.contract import Group, Plan
from irloom.rerankers.schedules.drive import about_groups, about_pairs, drive, together


@dataclass(frozen=True)
class Rounds:
    """As many rounds as places, each with one group; reversed at the end."""

    def plan(self, n: int, *, top: int) -> Plan[int]:
        for place in range(n):
            yield [(place,)]
        return list(range(n))[::-1]


class Doubling(Rounds):
    def plan(self, n: int, *, top: int) -> Plan[int]:
        yield [(0,)]
        return [0, 0]


def test_one_call_a_round() -> None:
    calls: list[list[tuple[int, Group]]] = []

    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[int]]:
        calls.append(list(requests))
        return [Answer(0, Spent(10, 2, 1), fault="odd" if row else "") for row, _ in requests]

    outcomes = drive(Rounds(), [2, 0, 3], ask, top=10)
    assert calls == [[(0, (0,)), (2, (0,))], [(0, (1,)), (2, (1,))], [(2, (2,))]]
    assert [outcome.order for outcome in outcomes] == [[1, 0], [], [2, 1, 0]]
    assert [outcome.spent for outcome in outcomes] == [Spent(20, 4, 2), Spent(), Spent(30, 6, 3)]
    assert [outcome.groups for outcome in outcomes] == [2, 0, 3]
    assert [dict(outcome.faults) for outcome in outcomes] == [{}, {}, {"odd": 3}]
    assert outcomes[0].seconds > 0


def test_a_failed_query_keeps_its_order() -> None:
    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[int]]:
        return [Answer(0, fault=FAILED, detail="no network") if row == 0 else Answer(0) for row, _ in requests]

    first, second = drive(Rounds(), [3, 3], ask, top=10)
    assert (first.order, first.failed, first.groups) == ([0, 1, 2], "no network", 1)
    assert (second.order, second.failed) == ([2, 1, 0], "")


def test_wrong_shapes() -> None:
    with pytest.raises(ShapeMismatch, match="one a request"):
        drive(Rounds(), [3], lambda requests: [], top=10)
    with pytest.raises(ShapeMismatch, match="a permutation of 2 places"):
        drive(Doubling(), [2], lambda requests: [Answer(0)], top=10)


def test_together_merges_rounds() -> None:
    merged: Generator[Sequence[Group], Sequence[int], list[list[int]]] = together([Rounds().plan(n, top=1) for n in (1, 0, 2)])
    assert next(merged) == [(0,), (0,)]
    assert merged.send([5, 6]) == [(1,)]
    with pytest.raises(StopIteration) as done:
        merged.send([7])
    assert done.value.value == [[0], [], [1, 0]]


def test_requests() -> None:
    query, documents = Query("q", "fox"), [Document("a", "A"), Document("b", "B"), Document("c", "C")]
    asked: list[object] = []

    def select(requests: Sequence[tuple[Query, Sequence[Document]]]) -> list[Answer[int]]:
        asked.extend([document.id for document in some] for _, some in requests)
        return [Answer(1) for _ in requests]

    def compare(requests: Sequence[tuple[Query, Document, Document]]) -> list[Answer[float]]:
        asked.extend((first.id, second.id) for _, first, second in requests)
        return [Answer(1.0) for _ in requests]

    about_groups(select, [(query, documents)])([(0, (2, 0))])
    about_pairs(compare, [(query, documents)])([(0, (1, 0))])
    assert asked == [["c", "a"], ("b", "a")]


def test_a_server_that_fails_for_a_round_ends_those_that_wait_alone() -> None:
    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[int]]:
        if requests[0][1] == (1,):
            raise EndpointError("http://u", "does not answer", status=503)
        return [Answer(0) for _ in requests]

    short, long = drive(Rounds(), [1, 3], ask, top=10)
    assert (short.order, short.failed) == ([0], "")
    assert (long.order, long.failed) == ([0, 1, 2], "http://u does not answer")
