"""infAP: average precision estimated from a sample of the pool's judgments."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio, running

_EPSILON = 1e-5


@dataclass(frozen=True)
class infAP(Measure):
    """AP where a grade below 0 means "in the pool, not judged": such documents count as relevant in the share of the judged ones.

    Documents without any grade were not in the pool and count as not relevant. Without grades below 0 it nearly is AP.

    Paper: Yilmaz and Aslam, "Estimating average precision with incomplete and imperfect judgments", 2006; smoothed by 1e-5 as
        in trec_eval.

    >>> str(infAP(rel=2))
    'infAP(rel=2)'
    """

    TAKES = frozenset({"rel"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, grade = judged.hit_query, judged.hit_grade
        found = grade >= rel
        relevant = running(query, found.astype(np.float64))[found] - 1
        other = running(query, ((grade >= 0) & ~found).astype(np.float64))[found]
        unjudged = running(query, (grade < 0).astype(np.float64))[found]
        above = judged.hit_rank[found].astype(np.float64) - 1
        precision = (relevant + _EPSILON) / (relevant + other + 2 * _EPSILON)
        pooled = ratio(relevant + other + unjudged, above)
        expected = 1 / (above + 1) + above / (above + 1) * pooled * precision
        return ratio(judged.total(query[found], expected), judged.relevant(rel))
