"""RR: one over the rank of the first relevant document. Its mean over queries is the MRR."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Measure


@dataclass(frozen=True)
class RR(Measure):
    """1 / rank of the first relevant document within the cut, else 0.

    >>> str(RR(10))
    'RR@10'
    """

    def per_query(self, judged: JudgedRun, *, min_grade: int = 1) -> NDArray[np.float64]:
        """float64 (q,), from 0 to 1."""
        query, rank = judged.relevant_hits(self.rel or min_grade, self.cut)
        values = np.zeros(len(judged), np.float64)
        np.maximum.at(values, query, 1.0 / rank)
        return values
