"""SelfConsistency: each list is shown several times, shuffled, and the answers are brought to one order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np

from irloom.core.errors import BadValue
from irloom.rerankers.schedules.contract import Group, Plan, Schedule
from irloom.rerankers.schedules.kemeny import borda, kemeny
from irloom.rerankers.schedules.window import Window

Aggregation: TypeAlias = Literal["kemeny", "borda"]


@dataclass(frozen=True, slots=True)
class SelfConsistency:
    """Another schedule whose every group is asked about in several shuffles.

    Attributes:
        inner: which groups there are.
        samples: shuffles of each group, 1 or more.
        aggregation: "kemeny" for the order that disagrees least with the answers, "borda" for the mean rank.
        seed: of the shuffles.

    Raises:
        BadValue: a setting is out of its range.

    Paper:
        R. Tang et al., Found in the Middle: Permutation Self-Consistency Improves Listwise Ranking in Large Language Models,
        NAACL 2024, section 2.

    Differs:
        The order of least disagreement is exact unless more than ten documents beat each other in a circle; see `kemeny`.
    """

    inner: Schedule[list[int]] = field(default_factory=Window)
    samples: int = 20
    aggregation: Aggregation = "kemeny"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise BadValue("samples", self.samples, "1 or more")
        if self.aggregation not in get_args(Aggregation):
            raise BadValue("aggregation", self.aggregation, " or ".join(get_args(Aggregation)))

    def plan(self, n: int, *, top: int) -> Plan[list[int]]:
        """A round of the inner plan, each of its groups `samples` times."""
        random = np.random.default_rng(self.seed)
        inner = self.inner.plan(n, top=top)
        answers: Sequence[list[int]] | None = None
        while True:
            try:
                groups = next(inner) if answers is None else inner.send(answers)
            except StopIteration as done:
                return list(done.value)
            shuffles = [random.permutation(len(group)).tolist() for group in groups for _ in range(self.samples)]
            asked: list[Group] = [
                tuple(groups[number // self.samples][place] for place in shuffle) for number, shuffle in enumerate(shuffles)
            ]
            given = yield asked
            orders = [[shuffle[place] for place in answer] for shuffle, answer in zip(shuffles, given, strict=True)]
            answers = [self._one(orders[start : start + self.samples]) for start in range(0, len(orders), self.samples)]

    def _one(self, orders: Sequence[Sequence[int]]) -> list[int]:
        return kemeny(orders) if self.aggregation == "kemeny" else borda(orders)
