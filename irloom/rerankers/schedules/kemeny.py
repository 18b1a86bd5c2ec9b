"""The order that disagrees least with several orders."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EXACT = 10
"""Places of a cycle of majorities up to which the best order is looked up among all of them."""


def disagreement(order: Sequence[int], orders: Sequence[Sequence[int]]) -> int:
    """Kendall's distance summed over the orders: pairs that one has the other way round.

    >>> disagreement([0, 1, 2], [[0, 1, 2], [2, 0, 1]])
    2
    """
    before = majorities(orders)
    return int(sum(before[second, first] for place, first in enumerate(order) for second in order[place + 1 :]))


def majorities(orders: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """int64 (n, n): how many orders have the row's place before the column's."""
    ranks = np.argsort(np.asarray(orders, np.int64), axis=1)
    return np.asarray((ranks[:, :, None] < ranks[:, None, :]).sum(axis=0, dtype=np.int64))


def borda(orders: Sequence[Sequence[int]]) -> list[int]:
    """The places by their mean rank over the orders; equal ones by number.

    >>> borda([[0, 1, 2], [2, 0, 1]])
    [0, 2, 1]
    """
    ranks = np.argsort(np.asarray(orders, np.int64), axis=1)
    return [int(place) for place in np.argsort(ranks.sum(axis=0), kind="stable")]


def kemeny(orders: Sequence[Sequence[int]]) -> list[int]:
    """An order of least disagreement with the orders: exact unless more than EXACT places beat each other in a circle.

    Where more do, the best order found by moving single places from Borda's order. Places that stand level lean to the lower number.

    Paper:
        J. Kemeny, Mathematics without Numbers, Daedalus 88, 1959.

    >>> kemeny([[0, 1, 2], [1, 2, 0], [1, 0, 2]])
    [1, 0, 2]
    """
    before = majorities(orders)
    order: list[int] = []
    for circle in _circles(before):
        order += _exact(circle, before) if len(circle) <= EXACT else _moved([place for place in borda(orders) if place in circle], before)
    return order


def _circles(before: NDArray[np.int64]) -> list[list[int]]:
    """The places in sets that beat each other in a circle; each set beats all that follow.

    Of two that stand level the lower number beats the other: some best order has the sets in this order all the same.
    """
    reach = (before > before.T) | (np.triu(before == before.T))
    for middle in range(len(reach)):
        reach |= np.outer(reach[:, middle], reach[middle])
    sets: dict[bytes, list[int]] = {}
    for place, row in enumerate(reach & reach.T):
        sets.setdefault(row.tobytes(), []).append(place)
    return sorted(sets.values(), key=lambda members: -int(reach[members[0]].sum()))


def _exact(places: Sequence[int], before: NDArray[np.int64]) -> list[int]:
    """The best order of a few places: the best way to fill the front with each subset, from smaller ones."""
    n = len(places)
    cost = before[np.ix_(places, places)]
    against = [[int(cost[later, first]) for later in range(n)] for first in range(n)]
    best: list[tuple[int, tuple[int, ...]]] = [(0, ())] * (1 << n)
    for chosen in range(1, 1 << n):
        members = [one for one in range(n) if chosen >> one & 1]
        options = []
        for last in members:
            rest = chosen & ~(1 << last)
            spent = best[rest][0] + sum(against[one][last] for one in members if one != last)
            options.append((spent, (*best[rest][1], last)))
        best[chosen] = min(options)
    return [places[one] for one in best[-1][1]]


def _moved(order: list[int], before: NDArray[np.int64]) -> list[int]:
    """The order after single places were moved as long as that lowers the disagreement."""
    gain = before.T - before
    improved = True
    while improved:
        improved = False
        for place in order:
            rest = [other for other in order if other != place]
            # what standing before the first 0, 1, 2, ... of the rest costs, up to a constant
            costs = np.cumsum([0, *(-gain[place, other] for other in rest)])
            now = order.index(place)
            target = int(np.argmin(costs))
            if costs[target] < costs[now]:
                order = [*rest[:target], place, *rest[target:]]
                improved = True
    return order
