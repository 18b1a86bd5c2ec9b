"""ERR: the expected reciprocal rank at which a reader is satisfied, who is satisfied by each document with a chance of its grade."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, running

_GREATEST = 4


@dataclass(frozen=True)
class ERR(Measure):
    """A document of grade g satisfies with the probability (2^g - 1) / 2^4; a grade below 1 never does.

    Paper: Chapelle et al., "Expected reciprocal rank for graded relevance", 2009; 4 as the greatest grade, as in TREC's gdeval.
    Differs: a grade above 4 counts as 4, where gdeval refuses the judgments.

    >>> str(ERR(20))
    'ERR@20'
    """

    TAKES = frozenset({"cut"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to below 1."""
        kept = judged.hit_grade > 0
        if self.cut is not None:
            kept &= judged.hit_rank <= self.cut
        query, rank = judged.hit_query[kept], judged.hit_rank[kept]
        satisfied = (np.exp2(np.minimum(judged.hit_grade[kept], _GREATEST)) - 1) / 2**_GREATEST
        left = np.log1p(-satisfied)
        reached = np.exp(running(query, left) - left)
        return judged.total(query, satisfied * reached / rank)
