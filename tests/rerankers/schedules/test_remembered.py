"""A group that was asked is not asked again."""

from collections.abc import Sequence

from irloom.rerankers.comparators.contract import Answer, Spent
from irloom.rerankers.schedules.contract import Group
from irloom.rerankers.schedules.remembered import remembered


def test_each_group_is_asked_once() -> None:
    asked: list[tuple[int, Group]] = []

    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[int]]:
        asked.extend(requests)
        return [Answer(row * 100 + sum(group), Spent(calls=1), fault="odd") for row, group in requests]

    knows = remembered(ask)
    first = knows([(0, (1, 2)), (0, (2, 1)), (1, (1, 2)), (0, (1, 2))])
    again = knows([(1, (1, 2)), (0, (3, 4))])
    assert asked == [(0, (1, 2)), (0, (2, 1)), (1, (1, 2)), (0, (3, 4))]
    assert [answer.value for answer in (*first, *again)] == [3, 3, 103, 3, 103, 7]
    assert [answer.spent.calls for answer in (*first, *again)] == [1, 1, 1, 0, 0, 1]
    assert [answer.fault for answer in (*first, *again)] == ["odd", "odd", "odd", "", "", "odd"]
