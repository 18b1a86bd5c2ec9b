"""Success: whether any relevant document was found."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure


@dataclass(frozen=True)
class Success(Measure):
    """1 where a relevant document stands within the cut, else 0.

    >>> str(Success(1))
    'Success@1'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), 0 or 1."""
        query, _ = judged.relevant_hits(rel, self.cut)
        return (judged.count(query) > 0).astype(np.float64)
