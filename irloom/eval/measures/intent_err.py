"""ERR_IA and nERR_IA: expected reciprocal rank over the intents of a query."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, ratio
from irloom.eval.measures.intent_aware import IntentAware, ideal_run, novelty

_ALPHA = 0.5


@dataclass(frozen=True)
class ERR_IA(IntentAware):
    """Novel gains over their ranks, as a share of the greatest possible: all intents at every rank.

    An intent's gain halves with each relevant document above, which is ERR with one grade that satisfies in half of the cases.

    Paper: Chapelle et al., "Expected reciprocal rank for graded relevance", 2009; Clarke et al., "A comparative analysis of
        cascade measures for novelty and diversity", 2011.
    Differs: at the cut 1 ndeval leaves out the division; it is done here.

    >>> str(ERR_IA(20))
    'ERR_IA@20'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        ranks = np.arange(1.0, (self.cut or 0) + 1)
        return ratio(self._gained(judged, rel), self.intent_counts(judged, rel) * float(np.sum((1 - _ALPHA) ** (ranks - 1) / ranks)))

    def _gained(self, judged: JudgedRun, rel: int) -> Floats:
        query, rank, intent = self.pairs(judged, rel)
        return judged.total(query, novelty(intent, _ALPHA) / rank)


@dataclass(frozen=True)
class nERR_IA(ERR_IA):
    """ERR_IA over that of the judged documents in their ideal order.

    >>> str(nERR_IA(20))
    'nERR_IA@20'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,); 0 where no document is relevant. It can pass 1, since the ideal order is found greedily."""
        ideal = ideal_run(judged, self.intents(judged), rel, _ALPHA)
        return ratio(self._gained(judged, rel), self._gained(ideal, rel))
