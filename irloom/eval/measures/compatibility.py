"""Compat: the rank-biased overlap of the ranking with the ideal ranking that comes closest to it."""

from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio


@dataclass(frozen=True)
class Compat(Measure):
    """Overlap with the documents above grade 0, best grade first, and in the run's own order where grades are equal.

    Args:
        p: persistence, from above 0 to below 1.
        normalize: divide by the overlap of the ideal ranking with itself.

    Paper: Clarke, Vtyurina and Smucker, "Assessing top-k preferences", 2021.
    Differs: documents of one grade that were not retrieved follow those that were, where ir_measures gives them the score 0; and
        the run's order is the truth, where ir_measures orders ties by ascending id.

    >>> str(Compat(p=0.8))
    'Compat(p=0.8)'
    """

    p: float = 0.95
    normalize: bool = True

    TAKES = frozenset()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("p", np.nextafter(0, 1), np.nextafter(1, 0), "a number above 0 and below 1")
        if type(self.normalize) is not bool:
            raise BadValue("normalize of Compat", self.normalize, "True or False")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is above grade 0."""
        ideal = judged.relevant(1).astype(np.int64)
        depth = np.maximum(judged.retrieved, ideal)
        ranks = np.arange(1, int(depth.max(initial=0)) + 1)
        weight = np.concatenate([[0.0], np.cumsum(self.p ** (ranks - 1.0))])
        overlap = np.concatenate([[0.0], np.cumsum(self.p ** (ranks - 1.0) / ranks)])
        query, later = self._later_rank(judged)
        score = judged.total(query, overlap[depth[query]] - overlap[later - 1])
        if not self.normalize:
            return ratio(score, weight[depth])
        return ratio(score, ideal * overlap[depth] - np.concatenate([[0.0], np.cumsum(overlap)])[ideal])

    def _later_rank(
        self, judged: JudgedRun
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
        """The query of each hit above grade 0, and the depth from which both the ranking and the ideal hold it."""
        found = judged.hit_grade > 0
        query, rank, grade = judged.hit_query[found], judged.hit_rank[found], judged.hit_grade[found]
        order = np.lexsort((rank, -grade, query))
        query, rank, grade = query[order], rank[order], grade[order]
        span = int(judged.judgment_grade.max(initial=0)) + 1
        best_first = judged.judgment_query * (2 * span) + span - np.maximum(judged.judgment_grade, 0)
        keys = query * (2 * span) + span - grade
        better = np.searchsorted(best_first, keys) - np.searchsorted(judged.judgment_query, query)
        return query, np.maximum(rank, better + np.arange(len(keys)) - np.searchsorted(keys, keys) + 1)
