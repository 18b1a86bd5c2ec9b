"""P: the share of the first documents that are relevant."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio


@dataclass(frozen=True)
class P(Measure):
    """Relevant documents within the cut over the cut, also where the ranking is shorter; without a cut, over what was retrieved.

    >>> str(P(5))
    'P@5'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 for an empty ranking."""
        query, _ = judged.relevant_hits(rel, self.cut)
        if self.cut is not None:
            return judged.count(query) / self.cut
        return ratio(judged.count(query), judged.retrieved.astype(np.float64))
