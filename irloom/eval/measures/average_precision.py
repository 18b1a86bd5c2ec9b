"""AP: the mean of the precisions at the ranks of the relevant documents. Its mean over queries is the MAP."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio, running


@dataclass(frozen=True)
class AP(Measure):
    """Sum of the precisions at each relevant document within the cut, over all relevant documents, found or not.

    >>> str(AP(100, rel=2))
    'AP(rel=2)@100'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, rank = judged.relevant_hits(rel, self.cut)
        found = running(query, np.ones(len(query)))
        return ratio(judged.total(query, found / rank), judged.relevant(rel))
