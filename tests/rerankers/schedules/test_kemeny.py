"""The order of least disagreement against all orders."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.rerankers.schedules import kemeny as module
from irloom.rerankers.schedules.kemeny import borda, disagreement, kemeny

orders_of = st.integers(1, 6).flatmap(lambda n: st.lists(st.permutations(range(n)), min_size=1, max_size=6))


def pairs_apart(first: list[int], second: list[int]) -> int:
    places = range(len(first))
    return sum((first.index(a) < first.index(b)) != (second.index(a) < second.index(b)) for a in places for b in places if a < b)


@settings(deadline=None, max_examples=60)
@given(orders_of)
def test_exact(orders: list[list[int]]) -> None:
    found = kemeny(orders)
    n = len(orders[0])
    assert sorted(found) == list(range(n))
    assert disagreement(found, orders) == sum(pairs_apart(found, order) for order in orders)
    assert disagreement(found, orders) == min(disagreement(list(order), orders) for order in permutations(range(n)))


@settings(deadline=None, max_examples=40)
@given(orders_of)
def test_moves_are_never_worse_than_borda(orders: list[list[int]]) -> None:
    before = module.majorities(orders)
    moved = module._moved(borda(orders), before)
    assert sorted(moved) == list(range(len(orders[0])))
    assert disagreement(moved, orders) <= disagreement(borda(orders), orders)


def test_a_large_circle() -> None:
    turned = [[*range(turn, 12), *range(turn)] for turn in range(12)]  # twelve places that beat each other in a circle
    found = kemeny(turned)
    assert sorted(found) == list(range(12))
    assert disagreement(found, turned) == disagreement(turned[0], turned)  # each turn of it is as good


def test_many_places() -> None:
    random = np.random.default_rng(0)
    orders = [np.argsort(np.arange(100) + random.normal(0, 3, 100)).tolist() for _ in range(9)]
    assert disagreement(kemeny(orders), orders) <= min(disagreement(borda(orders), orders), disagreement(list(range(100)), orders))


def test_the_example_of_the_authors_library() -> None:
    # README of perm-sc: these three preferences have the optimum 1, 2, 0, 3
    assert kemeny([[1, 2, 0, 3], [1, 2, 3, 0], [1, 2, 0, 3]]) == [1, 2, 0, 3]
