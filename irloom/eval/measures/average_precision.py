"""AP: the mean of the precisions at the ranks of the relevant documents. Its mean over queries is the MAP."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Measure, ratio


@dataclass(frozen=True)
class AP(Measure):
    """Sum of the precisions at each relevant document within the cut, over all relevant documents, found or not.

    >>> str(AP(100, rel=2))
    'AP(rel=2)@100'
    """

    def per_query(self, judged: JudgedRun, *, min_grade: int = 1) -> NDArray[np.float64]:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        rel = self.rel or min_grade
        query, rank = judged.relevant_hits(rel, self.cut)
        starts = np.searchsorted(query, np.arange(len(judged)))
        found = np.arange(len(query)) - starts[query] + 1
        return ratio(judged.total(query, found / rank), judged.relevant(rel))
