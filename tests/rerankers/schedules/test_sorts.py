"""All sorts of the best few against the true order, for any answer, and by what they cost."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.rerankers.schedules.all_pairs import AllPairs
from irloom.rerankers.schedules.bubble import PairBubble, SetBubble
from irloom.rerankers.schedules.heap import PairHeap, SetHeap
from tests.rerankers.schedules.sorting import best, better, flat, run_plan, whim, whims

PAIRS: list[Any] = [AllPairs(), PairHeap(), PairBubble()]
SETS: list[Any] = [make(children) for make in (SetHeap, SetBubble) for children in (1, 2, 3, 7, 19)]


def name(schedule: object) -> str:
    return f"{type(schedule).__name__}{getattr(schedule, 'children', '')}"


@pytest.mark.parametrize("schedule", [*PAIRS, *SETS], ids=name)
def test_the_true_top_10_of_100(schedule: Any) -> None:
    values = np.random.default_rng(5).permutation(100).tolist()
    answer: Callable[..., Any] = best(values) if schedule in SETS else better(values)
    order, _ = run_plan(schedule.plan(100, top=10), answer)
    truth = sorted(range(100), key=lambda place: -values[place])
    assert order[:10] == truth[:10]
    assert order == (truth if isinstance(schedule, AllPairs) else truth[:10] + sorted(truth[10:]))


@pytest.mark.parametrize("schedule", [*PAIRS, *SETS], ids=name)
@settings(max_examples=40)
@given(data=st.data())
def test_a_consistent_model_gets_its_best_few(schedule: Any, data: st.DataObject) -> None:
    n, top = data.draw(st.integers(0, 24)), data.draw(st.integers(0, 12))
    values = data.draw(st.permutations(range(n)))
    order, _ = run_plan(schedule.plan(n, top=top), best(values) if schedule in SETS else better(values))
    assert order[:top] == sorted(range(n), key=lambda place: -values[place])[:top]
    assert sorted(order) == list(range(n))


@pytest.mark.parametrize("schedule", [*PAIRS, *SETS], ids=name)
@settings(max_examples=40)
@given(n=st.integers(0, 40), top=st.integers(0, 45), seed=st.integers(0, 10**6))
def test_no_document_is_lost_or_doubled_for_any_answer(schedule: Any, n: int, top: int, seed: int) -> None:
    order, rounds = run_plan(schedule.plan(n, top=top), whims(seed) if schedule in SETS else whim(seed))
    assert sorted(order) == list(range(n))
    if not isinstance(schedule, AllPairs):
        assert order[top:] == sorted(order[top:])  # below the best few stands the order given
    for group in flat(rounds):
        assert 2 <= len(group) == len(set(group)) <= getattr(schedule, "children", 1) + 1
    if n < 2 or top < 1:
        assert rounds == []


@pytest.mark.parametrize("schedule", PAIRS, ids=name)
def test_ties_keep_the_order_given(schedule: Any) -> None:
    assert run_plan(schedule.plan(30, top=10), lambda pair: 0.5)[0] == list(range(30))


@pytest.mark.parametrize("schedule", SETS, ids=name)
def test_a_model_that_chooses_none_changes_nothing(schedule: Any) -> None:
    assert run_plan(schedule.plan(30, top=10), lambda group: -1)[0] == list(range(30))


def test_what_a_hundred_documents_cost() -> None:
    """The table of Zhuang et al.: comparisons for the best 10 of 100, each pair asked in two orders by PRP."""
    values = np.random.default_rng(7).permutation(100).tolist()
    pairs = {name(schedule): len(flat(run_plan(schedule.plan(100, top=10), better(values))[1])) for schedule in PAIRS}
    assert pairs["AllPairs"] * 2 == 9900
    assert pairs["PairHeap"] <= 2 * (100 + 10 * math.log2(100))
    assert pairs["PairBubble"] <= 10 * 99
    for children in (2, 3, 9):
        sets = len(flat(run_plan(SetHeap(children).plan(100, top=10), best(values))[1]))
        assert sets <= 1.6 * (100 / children + 10 * math.log(100, children))
        bubble = len(flat(run_plan(SetBubble(children).plan(100, top=10), best(values))[1]))
        assert bubble <= 10 * math.ceil(99 / children)


def test_levels_of_a_heap_are_asked_together() -> None:
    """So a batch holds many: 100 documents in sets of 4 take few rounds to make a heap."""
    values = np.random.default_rng(7).permutation(100).tolist()
    rounds = run_plan(SetHeap(3).plan(100, top=1), best(values))[1]
    assert len(rounds) <= 1 + 2 + 3 + 4
    assert len(flat(rounds)) > 33


def test_a_pass_without_change_goes_on_below() -> None:
    """Fronts of windows are the best of theirs, but within the windows nothing is sorted: the published skip would stop at 4."""
    values = [9, 8, 7, 6, 3, 4, 5]
    order, _ = run_plan(SetBubble(3).plan(7, top=7), best(values))
    assert order == [0, 1, 2, 3, 6, 5, 4]


@pytest.mark.parametrize("make", [SetHeap, SetBubble])
def test_children_are_at_least_one(make: Callable[[int], object]) -> None:
    with pytest.raises(BadValue, match="children is 0; expected 1 or more"):
        make(0)
