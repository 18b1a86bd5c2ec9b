"""Tournaments: the published stages, points, and seeded shuffles."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.rerankers.comparators.contract import Answer
from irloom.rerankers.schedules.contract import Group
from irloom.rerankers.schedules.drive import Outcome, drive
from irloom.rerankers.schedules.tournament import Tournament


def run(schedule: Tournament, hidden: Sequence[int], asked: list[list[Group]]) -> Outcome:
    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[list[int]]]:
        asked.append([group for _, group in requests])
        return [Answer(sorted(range(len(group)), key=lambda one: hidden[group[one]])) for _, group in requests]

    (outcome,) = drive(schedule, [len(hidden)], ask, top=10)
    return outcome


def test_the_published_stages() -> None:
    asked: list[list[Group]] = []
    outcome = run(Tournament(rounds=1), list(range(100)), asked)
    assert [[len(group) for group in groups] for groups in asked] == [[20] * 5, [10] * 5, [20], [10], [5]]
    # every fifth document, so that each group has its share of the head; shown shuffled
    assert [sorted(group) for group in asked[0]] == [list(range(first, 100, 5)) for first in range(5)]
    assert asked[0][0] != tuple(range(0, 100, 5))
    # 2 documents won all five stages, 3 four, 5 three, 10 two, 30 one, 50 none
    assert outcome.order == list(range(100))
    assert outcome.groups == 13


def test_rounds_run_side_by_side() -> None:
    asked: list[list[Group]] = []
    outcome = run(Tournament(rounds=3), list(range(100))[::-1], asked)
    assert len(asked) == 5
    assert outcome.groups == 39
    assert outcome.order[:2] == [98, 99]  # equal points keep the order given
    assert asked[0][0] != asked[0][5] != asked[0][10]


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 5))
def test_any_size(n: int, seed: int) -> None:
    first, second = [run(Tournament(rounds=2, seed=seed), list(range(n)), []) for _ in range(2)]
    assert first.order == second.order
    assert sorted(first.order) == list(range(n))
    assert first.order[:2] == [0, 1][:n]


def test_settings() -> None:
    for stages, rounds in (((), 1), (((5, 5),), 1), (((5, 0),), 1), (((5, 2),), 0)):
        with pytest.raises(BadValue):
            Tournament(stages, rounds)
