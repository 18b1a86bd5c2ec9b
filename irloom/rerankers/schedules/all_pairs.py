"""AllPairs: every two documents are compared, and each document's wins are summed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from irloom.rerankers.schedules.contract import Group, Plan


@dataclass(frozen=True, slots=True)
class AllPairs:
    """Compares each two documents once, the earlier one shown first, and orders all by their summed wins, ties by the order given.

    A ranking of n documents takes n (n - 1) / 2 comparisons, all in one round.

    Paper:
        R. Pradeep, R. Nogueira and J. Lin, The Expando-Mono-Duo Design Pattern for Text Ranking with Pretrained
        Sequence-to-Sequence Models, arXiv 2101.05667, 2021, section 3.4; Z. Qin et al., Large Language Models are Effective Text
        Rankers with Pairwise Ranking Prompting, Findings of NAACL 2024, section 3.2.
    Differs:
        with a comparator that asks in both orders a document's sum is half of duoT5's published "sum-sum"; the order is the same.
        With one that asks once it is the sum of the later toolkit.
    """

    def plan(self, n: int, *, top: int) -> Plan[float]:
        """The plan for `n` documents; all are ordered, whatever `top` is."""
        pairs: list[Group] = list(combinations(range(n), 2)) if top > 0 else []
        wins = (yield pairs) if pairs else []
        return [int(place) for place in np.argsort(-win_sums(n, pairs, wins), kind="stable")]


def win_sums(n: int, pairs: Sequence[Group], wins: Sequence[float]) -> NDArray[np.float64]:
    """What each document has won: a comparison gives `w` to its first document and 1 - `w` to its second.

    Args:
        n: how many documents there are.
        pairs: two places each.
        wins: one a pair, from 0.0, where the second won, to 1.0, where the first did.

    Returns:
        float64 (n,); they sum to the number of pairs.

    >>> win_sums(3, [(0, 1), (0, 2), (1, 2)], [0.9, 0.6, 0.3]).round(3).tolist()
    [1.5, 0.4, 1.1]
    """
    sums = np.zeros(n, np.float64)
    for (first, second), win in zip(pairs, wins, strict=True):
        sums[first] += win
        sums[second] += 1 - win
    return sums
