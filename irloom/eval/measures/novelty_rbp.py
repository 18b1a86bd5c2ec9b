"""NRBP and nNRBP: rank-biased precision over the intents of a query."""

from dataclasses import dataclass

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, ratio
from irloom.eval.measures.intent_aware import IntentAware, ideal_run, novelty


@dataclass(frozen=True)
class NRBP(IntentAware):
    """Novel gains times beta^(rank - 1), as a share of the greatest possible over endless ranks.

    Args:
        alpha: how much of an intent's worth a relevant document uses up, from 0 to 1.
        beta: the probability of going on to the next document, from 0 to 1.

    Paper: Clarke, Kolla and Vechtomova, "An effectiveness measure for ambiguous and underspecified queries", 2009.

    >>> str(NRBP(alpha=0.9))
    'NRBP(alpha=0.9)'
    """

    alpha: float = 0.5
    beta: float = 0.5

    TAKES = frozenset({"rel"})
    NEEDS_CUT = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("alpha", 0, 1, "a number from 0 to 1")
        self._check_number("beta", 0, 1, "a number from 0 to 1")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        return ratio((1 - (1 - self.alpha) * self.beta) * self._gained(judged, rel), self.intent_counts(judged, rel))

    def _gained(self, judged: JudgedRun, rel: int) -> Floats:
        query, rank, intent = self.pairs(judged, rel)
        return judged.total(query, novelty(intent, self.alpha) * self.beta ** (rank - 1.0))


@dataclass(frozen=True)
class nNRBP(NRBP):
    """NRBP over that of the judged documents in their ideal order.

    Differs: 0 where no document is relevant, where ndeval has no number.

    >>> str(nNRBP())
    'nNRBP'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,). It can pass 1, since the ideal order is found greedily."""
        ideal = ideal_run(judged, self.intents(judged), rel, self.alpha)
        return ratio(self._gained(judged, rel), self._gained(ideal, rel))
