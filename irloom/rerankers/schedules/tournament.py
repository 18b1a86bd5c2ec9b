"""Tournament: documents meet in groups, the winners of a stage meet in the next one, and stages won are points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.rerankers.schedules.contract import Group, Plan
from irloom.rerankers.schedules.drive import together

STAGES = ((20, 10), (10, 4), (20, 10), (10, 5), (5, 2))
"""Documents of a group and winners among them: 100 become 50, 20, 10, 5 and 2."""


@dataclass(frozen=True, slots=True)
class Tournament:
    """Several tournaments over the same documents; the order is by points, equal ones keep the order given.

    The groups of a stage take every g-th document, so that each has its share of the best ones; they are shown shuffled. A group with
    no more documents than winners is not asked about: all of them go on without a point.

    Attributes:
        stages: documents of a group and winners among them, for each stage.
        rounds: tournaments, 1 or more; they run side by side.
        seed: of the shuffles.

    Raises:
        BadValue: a setting is out of its range.

    Paper:
        Y. Chen et al., TourRank: Utilizing Large Language Models for Documents Ranking with a Tournament-Inspired Strategy,
        arXiv 2406.11678, 2024, section 3.

    Differs:
        The winners are the first of an order of the group, whatever prompt gave it; the authors ask for the winners alone.
    """

    stages: Sequence[tuple[int, int]] = STAGES
    rounds: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.stages or any(not 1 <= winners < size for size, winners in self.stages):
            raise BadValue("stages", self.stages, "pairs of a group's documents and fewer winners, 1 or more")
        if self.rounds < 1:
            raise BadValue("rounds", self.rounds, "1 or more")

    @property
    def size(self) -> int:
        """Documents of the largest group."""
        return max(size for size, _ in self.stages)

    def plan(self, n: int, *, top: int) -> Plan[list[int]]:
        """One round for each stage; `top` changes nothing."""
        winners = yield from together([self._tournament(n, number) for number in range(self.rounds)])
        points = np.bincount([place for row in winners for place in row], minlength=n)
        return [int(place) for place in np.argsort(-points, kind="stable")]

    def _tournament(self, n: int, number: int) -> Plan[list[int]]:
        """The places once for each stage that they won."""
        random = np.random.default_rng([self.seed, number])
        field, won = list(range(n)), list[int]()
        for size, winners in self.stages:
            count = -(-len(field) // size)
            split = [field[first::count] for first in range(count)]
            asked: list[Group] = [tuple(random.permutation(group).tolist()) for group in split if len(group) > winners]
            answers = (yield asked) if asked else []
            best = [group[place] for group, answer in zip(asked, answers, strict=True) for place in answer[:winners]]
            won += best
            field = sorted([*best, *(place for group in split if len(group) <= winners for place in group)])
        return won
