"""alpha_DCG and alpha_nDCG: discounted gain that falls with each repetition of an intent."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, ratio
from irloom.eval.measures.intent_aware import IntentAware, ideal_run, novelty


@dataclass(frozen=True)
class alpha_DCG(IntentAware):
    """Novel gains discounted by log2(rank + 1), as a share of the greatest possible: all intents at every rank.

    Args:
        alpha: how much of an intent's worth a relevant document uses up, from 0 to 1.

    Paper: Clarke et al., "Novelty and diversity in information retrieval evaluation", 2008.
    Differs: at the cut 1 ndeval leaves out the division; it is done here.

    >>> str(alpha_DCG(20))
    'alpha_DCG@20'
    """

    alpha: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("alpha", 0, 1, "a number from 0 to 1")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        ranks = np.arange(1.0, (self.cut or 0) + 1)
        return ratio(
            self._gained(judged, rel), self.intent_counts(judged, rel) * float(np.sum((1 - self.alpha) ** (ranks - 1) / np.log2(ranks + 1)))
        )

    def _gained(self, judged: JudgedRun, rel: int) -> Floats:
        query, rank, intent = self.pairs(judged, rel)
        return judged.total(query, novelty(intent, self.alpha) / np.log2(rank + 1.0))


@dataclass(frozen=True)
class alpha_nDCG(alpha_DCG):
    """alpha_DCG over that of the judged documents in their ideal order.

    >>> str(alpha_nDCG(20, alpha=0.9))
    'alpha_nDCG(alpha=0.9)@20'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,); 0 where no document is relevant. It can pass 1, since the ideal order is found greedily."""
        ideal = ideal_run(judged, self.intents(judged), rel, self.alpha)
        return ratio(self._gained(judged, rel), self._gained(ideal, rel))
