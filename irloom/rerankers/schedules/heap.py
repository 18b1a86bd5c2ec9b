"""Heap sort of the best few: by pairs, or by sets of a parent and its children."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias, TypeVar

from irloom.models.settings import at_least
from irloom.rerankers.schedules.contract import Group, Plan
from irloom.rerankers.schedules.drive import together
from irloom.rerankers.schedules.placing import TIE, under_top

A = TypeVar("A")

Sift: TypeAlias = Callable[[list[int], int, int], "Plan[A]"]
"""Heap, how many of its places count, and a place: moves what stands there down until no child is better."""


@dataclass(frozen=True, slots=True)
class PairHeap:
    """Heap sort by comparisons of two documents; of two that tie, the one that came first in the order given is the better one.

    About 2 (n + top log2 n) comparisons. Only the best `top` documents are sorted; the others keep the order given below them.

    Comparisons of a language model are not transitive, so the order also depends on the one given.

    Paper:
        Z. Qin et al., Large Language Models are Effective Text Rankers with Pairwise Ranking Prompting, Findings of NAACL 2024,
        section 3.3.
    Differs:
        while the heap is made, nodes of one level are sifted side by side; the comparisons are the published ones. The published code
        never lifts a child that ties, which leaves the last documents above the first ones where all tie.
    """

    def plan(self, n: int, *, top: int) -> Plan[float]:
        """The plan for `n` documents of which the best `top` are wanted."""
        return _heap_sort(_sift_pairs, n, children=2, top=top)


@dataclass(frozen=True, slots=True)
class SetHeap:
    """Heap sort by choosing the best of a parent and its children at once, about n/c + top log_c n choices.

    Only the best `top` documents are sorted; the others keep the order given below them. Choices of a language model are not
    transitive, so the order also depends on the one given. Where no document is chosen, the one that came first counts as the best.

    Args:
        children: c, children of a node, 1 or more; one question shows c + 1 documents.

    Raises:
        BadValue: `children` is less than 1.

    Paper:
        S. Zhuang et al., A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models,
        SIGIR 2024, section 3.2.
    Differs:
        while the heap is made, nodes of one level are sifted side by side; the choices are the published ones. The published code
        takes the parent where no document is chosen, which leaves the last documents above the first ones where none ever is.
    """

    children: int = 3

    def __post_init__(self) -> None:
        at_least("children", self.children, 1)

    def plan(self, n: int, *, top: int) -> Plan[int]:
        """The plan for `n` documents of which the best `top` are wanted."""

        def sift(heap: list[int], size: int, place: int) -> Plan[int]:
            return _sift_sets(heap, size, place, self.children)

        return _heap_sort(sift, n, children=self.children, top=top)


def _heap_sort(sift: "Sift[A]", n: int, *, children: int, top: int) -> "Plan[A]":
    heap = list(range(n))
    wanted = min(top, n)
    if n < 2 or wanted < 1:
        return heap
    yield from _make_heap(sift, heap, children)
    for taken in range(1, n):
        last = n - taken
        heap[0], heap[last] = heap[last], heap[0]
        if taken == wanted:
            break
        yield from sift(heap, last, 0)
    return under_top(heap[::-1][:wanted], n)


def _make_heap(sift: "Sift[A]", heap: list[int], children: int) -> Generator[Sequence[Group], Sequence[A], None]:
    """Sifts the nodes that can have children, the deepest level first; those of one level have no place in common."""
    parents = range(len(heap) // children, -1, -1)
    for _, level in groupby(parents, key=lambda place: _depth(place, children)):
        yield from together([sift(heap, len(heap), place) for place in level])


def _depth(place: int, children: int) -> int:
    depth = 0
    while place > 0:
        place = (place - 1) // children
        depth += 1
    return depth


def _sift_pairs(heap: list[int], size: int, place: int) -> Plan[float]:
    while True:
        largest = place
        for child in (2 * place + 1, 2 * place + 2):
            if child < size:
                (win,) = yield [(heap[child], heap[largest])]
                if win > TIE or (win == TIE and heap[child] < heap[largest]):
                    largest = child
        if largest == place:
            return []
        heap[place], heap[largest] = heap[largest], heap[place]
        place = largest


def _sift_sets(heap: list[int], size: int, place: int, children: int) -> Plan[int]:
    while True:
        family = [place, *range(children * place + 1, min(children * (place + 1) + 1, size))]
        if len(family) == 1:
            return []
        (answer,) = yield [tuple(heap[member] for member in family)]
        largest = family[answer] if 0 <= answer < len(family) else min(family, key=heap.__getitem__)
        if largest == place:
            return []
        heap[place], heap[largest] = heap[largest], heap[place]
        place = largest
