"""RR: one over the rank of the first relevant document. Its mean over queries is the MRR."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure


@dataclass(frozen=True)
class RR(Measure):
    """1 / rank of the first relevant document within the cut, else 0.

    >>> str(RR(10))
    'RR@10'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        query, rank = judged.relevant_hits(rel, self.cut)
        values = np.zeros(len(judged), np.float64)
        np.maximum.at(values, query, 1.0 / rank)
        return values
