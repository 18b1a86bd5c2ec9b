"""Top-down partitioning finds the best few; counted calls, and a second truth that follows the paper's algorithm step by step."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.rerankers.comparators.contract import Answer
from irloom.rerankers.schedules.contract import Group
from irloom.rerankers.schedules.drive import Outcome, drive
from irloom.rerankers.schedules.top_down import TopDown


def run(schedule: TopDown, hidden: Sequence[int], *, top: int) -> Outcome:
    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[list[int]]]:
        assert all(len(group) <= schedule.size for _, group in requests)
        return [Answer(sorted(range(len(group)), key=lambda one: hidden[group[one]])) for _, group in requests]

    (outcome,) = drive(schedule, [len(hidden)], ask, top=top)
    return outcome


def published(ranking: list[int], hidden: Sequence[int], *, top: int, size: int, budget: int) -> list[int]:
    """Algorithm 1, written as a recursion."""
    left, right = ranking[:size], ranking[size:]
    left = sorted(left, key=lambda place: hidden[place])
    if not right:
        return left
    pivot, candidates, rest = left[top - 1], left[: top - 1], left[top:]
    while len(candidates) < budget and right:
        part, right = right[: size - 1], right[size - 1 :]
        part = sorted([pivot, *part], key=lambda place: hidden[place])
        candidates += part[: part.index(pivot)]
        rest += part[part.index(pivot) + 1 :]
    if len(candidates) == top - 1:
        return [*candidates, pivot, *rest, *right]
    kept, over = candidates[:budget], candidates[budget:]
    return [*published(kept, hidden, top=top, size=size, budget=budget), *over, pivot, *rest, *right]


@given(st.permutations(range(30)), st.integers(1, 5), st.integers(6, 12), st.integers(5, 20))
def test_it_is_the_published_algorithm(hidden: list[int], top: int, size: int, budget: int) -> None:
    found = run(TopDown(size, budget), hidden, top=top).order
    assert found == published(list(range(30)), hidden, top=top, size=size, budget=budget)


@given(st.permutations(range(60)), st.booleans())
def test_the_best_are_found_where_the_budget_holds_them(hidden: list[int], parallel: bool) -> None:
    found = run(TopDown(20, 60, parallel), hidden, top=10).order
    assert found[:10] == sorted(range(60), key=lambda place: hidden[place])[:10]
    assert sorted(found) == list(range(60))


def test_calls_of_a_good_first_stage() -> None:
    # a ranking that is in order: the head, five partitions of 19 that hold nothing better, and no more
    right = list(range(100))
    for parallel in (False, True):
        outcome = run(TopDown(20, 20, parallel), right, top=10)
        assert outcome.order == right
        assert outcome.groups == 6
    # the best one stands last: one more call orders the candidates
    assert run(TopDown(), [*range(1, 100), 0], top=10).groups == 7
    assert run(TopDown(), [*range(1, 100), 0], top=10).order[:3] == [99, 0, 1]


def test_small_rankings() -> None:
    assert run(TopDown(), [1, 0], top=10).order == [1, 0]
    assert run(TopDown(), list(range(20))[::-1], top=10).groups == 1
    assert run(TopDown(), [0], top=10).groups == run(TopDown(), [], top=10).groups == 0
    assert run(TopDown(4, 4), [3, 2, 1, 0, 5, 4], top=100).order[0] == 3  # the pivot is the last of the head at most


def test_settings() -> None:
    with pytest.raises(BadValue, match="window"):
        TopDown(1)
    with pytest.raises(BadValue, match="budget"):
        TopDown(20, 0)
