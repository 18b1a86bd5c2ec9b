"""nDCG: the gain of a ranking, discounted by rank, as a share of the ideal ranking's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Measure, ratio


@dataclass(frozen=True)
class nDCG(Measure):
    """DCG over the ideal DCG of all judged documents; a grade below 0 gains 0.

    Args:
        dcg: "log2" gains the grade itself, as trec_eval does; "exp-log2" gains 2^grade - 1. Both discount by log2(rank + 1).
        rel: where given, a document gains 1 from this grade on and 0 below; else gains are graded, whatever `min_grade` is.

    Raises:
        BadValue: `dcg` is neither.

    Paper: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002; Burges et al., "Learning to
        rank using gradient descent", 2005 (the exponential gain).

    >>> str(nDCG(10, dcg="exp-log2"))
    "nDCG(dcg='exp-log2')@10"
    """

    dcg: str = "log2"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dcg not in ("log2", "exp-log2"):
            raise BadValue("dcg of nDCG", self.dcg, "'log2' or 'exp-log2'")

    def per_query(self, judged: JudgedRun, *, min_grade: int = 1) -> NDArray[np.float64]:
        """float64 (q,), from 0 to 1; 0 where no judged document gains anything."""
        starts = np.searchsorted(judged.judgment_query, np.arange(len(judged)))
        ideal_rank = np.arange(len(judged.judgment_query)) - starts[judged.judgment_query] + 1
        gained = self._discounted(judged, judged.hit_query, judged.hit_rank, judged.hit_grade)
        return ratio(gained, self._discounted(judged, judged.judgment_query, ideal_rank, judged.judgment_grade))

    def _discounted(
        self, judged: JudgedRun, query: NDArray[np.int64], rank: NDArray[np.int64], grade: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        gain = np.maximum(grade, 0).astype(np.float64) if self.rel is None else (grade >= self.rel).astype(np.float64)
        if self.dcg == "exp-log2":
            gain = np.exp2(gain) - 1
        if self.cut is not None:
            gain[rank > self.cut] = 0
        return judged.total(query, gain / np.log2(rank + 1.0))
