"""R: the share of the relevant documents that were found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Measure, ratio


@dataclass(frozen=True)
class R(Measure):
    """Relevant documents within the cut over all relevant documents.

    >>> str(R(1000))
    'R@1000'
    """

    def per_query(self, judged: JudgedRun, *, min_grade: int = 1) -> NDArray[np.float64]:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        rel = self.rel or min_grade
        query, _ = judged.relevant_hits(rel, self.cut)
        return ratio(judged.count(query), judged.relevant(rel))
