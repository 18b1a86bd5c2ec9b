"""TopDown: partitions of a ranking are compared with a pivot from its head."""

from dataclasses import dataclass

from irloom.core.errors import BadValue
from irloom.rerankers.schedules.contract import Group, Plan


@dataclass(frozen=True, slots=True)
class TopDown:
    """Orders the head, takes the document at place `top` as the pivot, and looks further down for better ones.

    Each partition below is ordered together with the pivot. What comes out above the pivot is a candidate, the rest is not looked at
    again. With more candidates than before, they are ordered in the same way.

    Attributes:
        size: documents that are ordered at once, 2 or more; the pivot is one of them.
        budget: candidates after which the search stops, 1 or more.
        parallel: asks about all partitions in one round, whatever the budget says; those beyond it stand under the candidates.

    Raises:
        BadValue: a setting is out of its range.

    Paper:
        A. Parry, S. MacAvaney and D. Ganguly, Top-Down Partitioning for Efficient List-Wise Ranking, arXiv 2405.14589, 2024,
        algorithm 1.

    Differs:
        The authors' code orders the head twice more where no better candidate was found; here it is left as algorithm 1 does. It also
        sets what later heads left under what the first one left, the pivot at place `top` with it; here that stands right under them.
    """

    size: int = 20
    budget: int = 20
    parallel: bool = False

    def __post_init__(self) -> None:
        if self.size < 2:
            raise BadValue("window", self.size, "2 or more")
        if self.budget < 1:
            raise BadValue("budget", self.budget, "1 or more")

    def plan(self, n: int, *, top: int) -> Plan[list[int]]:
        """The best `top` places in order, at most `size - 1` of them; the others as they fell out."""
        cut = max(0, min(top, self.size - 1) - 1)
        places, settled = list(range(n)), list[int]()
        while len(places) > 1:
            head, rest = places[: self.size], places[self.size :]
            (answer,) = yield [tuple(head)]
            head = [head[place] for place in answer]
            if not rest:
                return [*head, *settled]
            pivot, better, worse = head[cut], head[:cut], head[cut + 1 :]
            while rest and len(better) < self.budget:
                groups = self._groups(pivot, rest)
                answers = yield groups
                for group, answer in zip(groups, answers, strict=True):
                    ordered = [group[place] for place in answer]
                    better += ordered[: ordered.index(pivot)]
                    worse += ordered[ordered.index(pivot) + 1 :]
                rest = rest[sum(len(group) - 1 for group in groups) :]
            below = [pivot, *worse, *rest]
            if len(better) == cut:
                return [*better, *below, *settled]
            places, settled = better[: self.budget], [*better[self.budget :], *below, *settled]
        return [*places, *settled]

    def _groups(self, pivot: int, rest: list[int]) -> list[Group]:
        """The next partition of `rest`, or all of them, each behind the pivot."""
        step = self.size - 1
        starts = range(0, len(rest), step) if self.parallel else (0,)
        return [(pivot, *rest[start : start + step]) for start in starts]
