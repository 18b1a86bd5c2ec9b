"""Heap and bubble sorts against the published code of setwise and pairwise prompting: the same comparisons and the same order.

The figures were made by running `heapSort` and `rerank` of github.com/ielab/llm-rankers (commit b36517b, llmrankers/setwise.py and
pairwise.py) for the best 10 of 100 documents, with `compare` replaced by the functions of tests/rerankers/schedules/sorting.py: "hidden"
knows a hidden order, "whim" answers by chance. Each row: schedule, children, seed, kind of answers, comparisons of two documents or more,
and hashes of the sorted list of comparisons and of the final order.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from irloom.rerankers.schedules.bubble import PairBubble, SetBubble
from irloom.rerankers.schedules.contract import Group
from irloom.rerankers.schedules.heap import PairHeap, SetHeap
from tests.rerankers.schedules.sorting import best, better, flat, run_plan, whim, whims

pytestmark = pytest.mark.parity

PUBLISHED = [
    ("PairHeap", 0, 1, "hidden", 275, "354d52570445", "a5f09db14af0"),
    ("PairHeap", 0, 1, "whim", 163, "5fac2984b3dd", "d292c1813f0e"),
    ("PairHeap", 0, 2, "hidden", 276, "accdf153c505", "e7d708c0337a"),
    ("PairHeap", 0, 2, "whim", 157, "411b37d370ee", "18c4d62c9bfd"),
    ("PairBubble", 0, 1, "hidden", 938, "b511b2f981ce", "a5f09db14af0"),
    ("PairBubble", 0, 1, "whim", 540, "91c20ea1421d", "c415480c6e15"),
    ("PairBubble", 0, 2, "hidden", 939, "21c58d09d13e", "e7d708c0337a"),
    ("PairBubble", 0, 2, "whim", 361, "148bfc7d2443", "ebeba67bd3d5"),
    ("SetHeap", 2, 1, "hidden", 138, "7ab52b317ff4", "a5f09db14af0"),
    ("SetHeap", 2, 1, "whim", 85, "664485e58bf2", "923b1aea4df0"),
    ("SetHeap", 2, 2, "hidden", 139, "4fdcb3dba253", "e7d708c0337a"),
    ("SetHeap", 2, 2, "whim", 79, "32c75fe1a3d9", "3d3f84b39671"),
    ("SetHeap", 3, 1, "hidden", 83, "0435ca56174e", "a5f09db14af0"),
    ("SetHeap", 3, 1, "whim", 58, "8e162988c1f5", "989e04a23e53"),
    ("SetHeap", 3, 2, "hidden", 84, "053ef149c404", "e7d708c0337a"),
    ("SetHeap", 3, 2, "whim", 54, "0f4038cba4de", "eb6f3cb2a468"),
    ("SetHeap", 9, 1, "hidden", 30, "8ea7f0a1555c", "a5f09db14af0"),
    ("SetHeap", 9, 1, "whim", 30, "c3cbb099a909", "79f7e03d6c00"),
    ("SetHeap", 9, 2, "hidden", 30, "90699e6af89e", "e7d708c0337a"),
    ("SetHeap", 9, 2, "whim", 28, "4c77f1ab64a5", "22c829cfe0bd"),
    ("SetBubble", 2, 1, "hidden", 457, "82aedd9b23c1", "a5f09db14af0"),
    ("SetBubble", 2, 1, "whim", 461, "b6f0297f4ef9", "226bf95848f4"),
    ("SetBubble", 2, 2, "hidden", 466, "33300387a3bf", "e7d708c0337a"),
    ("SetBubble", 2, 2, "whim", 467, "9c8ac6d1809d", "d1254791cdeb"),
    ("SetBubble", 3, 1, "hidden", 302, "05b6fc293da8", "a5f09db14af0"),
    ("SetBubble", 3, 1, "whim", 305, "eaa2498020f3", "f1667da1314c"),
    ("SetBubble", 3, 2, "hidden", 311, "4167b73e5d01", "e7d708c0337a"),
    ("SetBubble", 3, 2, "whim", 311, "718fe6461f62", "863e724fe694"),
    ("SetBubble", 9, 1, "hidden", 100, "527e4270968a", "a5f09db14af0"),
    ("SetBubble", 9, 1, "whim", 104, "67f4f24d1884", "93bab618b855"),
    ("SetBubble", 9, 2, "hidden", 98, "e648f0e065dc", "e7d708c0337a"),
    ("SetBubble", 9, 2, "whim", 90, "ed24a781fa7d", "f70f52bc4240"),
]


def digest(groups: Sequence[Group]) -> str:
    return hashlib.blake2b(repr(sorted(tuple(map(int, group)) for group in groups)).encode(), digest_size=6).hexdigest()


def answers(name: str, seed: int, kind: str) -> Any:
    values = np.random.default_rng(seed).permutation(100).tolist()
    if name.startswith("Pair"):
        told = better(values) if kind == "hidden" else whim(seed)
        if name == "PairBubble":
            return told
        return lambda pair: 0.0 if told(pair) == 0.5 else told(pair)  # the published heap lifts no child that ties
    if kind == "hidden":
        return best(values)
    chosen = whims(seed)  # now and then a label that is none of the set's: the published heap takes the parent then,
    if name == "SetHeap":
        return lambda group: chosen(group) if chosen(group) < len(group) else 0
    return lambda group: chosen(group) % len(group)  # and the published bubble sort ends in an IndexError


@pytest.mark.parametrize(
    ("name", "children", "seed", "kind", "comparisons", "compared", "ordered"), PUBLISHED, ids=lambda value: str(value)
)
def test_sorts_are_the_published_ones(
    name: str, children: int, seed: int, kind: str, comparisons: int, compared: str, ordered: str
) -> None:
    makers = {"PairHeap": PairHeap, "PairBubble": PairBubble, "SetHeap": SetHeap, "SetBubble": SetBubble}
    schedule: Any = makers[name](children) if children else makers[name]()  # type: ignore[abstract]
    order, rounds = run_plan(schedule.plan(100, top=10), answers(name, seed, kind))
    asked = flat(rounds)
    assert len(asked) == comparisons
    assert digest(asked) == compared
    assert digest([tuple(order)]) == ordered
