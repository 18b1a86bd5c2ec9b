"""Judged: the share of the first documents that have a judgment. Low values make the other measures doubtful."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio


@dataclass(frozen=True)
class Judged(Measure):
    """Documents within the cut that have any judgment, over the documents retrieved within the cut.

    Raises:
        BadValue: `rel` is given; every grade counts here.

    Differs: an empty ranking is 0, where ir_measures divides by zero.

    >>> str(Judged(10))
    'Judged@10'
    """

    TAKES = frozenset({"cut"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        within = judged.hit_query if self.cut is None else judged.hit_query[judged.hit_rank <= self.cut]
        retrieved = judged.retrieved if self.cut is None else np.minimum(judged.retrieved, self.cut)
        return ratio(judged.count(within), retrieved.astype(np.float64))
