"""NumQ, NumRet and NumRel: counts of queries and documents, for checking what was evaluated."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure


@dataclass(frozen=True)
class NumQ(Measure):
    """1 for each judged query.

    Differs: irloom reports the mean over queries, ir_measures the sum.

    >>> str(NumQ())
    'NumQ'
    """

    TAKES = frozenset()

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,)."""
        return np.ones(len(judged), np.float64)


@dataclass(frozen=True)
class NumRet(Measure):
    """Documents that were retrieved; with `rel`, only those judged that or better.

    Differs: irloom reports the mean over queries, ir_measures the sum.

    >>> str(NumRet(rel=1))
    'NumRet(rel=1)'
    """

    TAKES = frozenset({"rel"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), 0 or more."""
        if self.rel is None:
            return judged.retrieved.astype(np.float64)
        return judged.count(judged.relevant_hits(self.rel, None)[0])


@dataclass(frozen=True)
class NumRel(Measure):
    """Documents that are relevant, found or not.

    Differs: irloom reports the mean over queries, ir_measures the sum.

    >>> str(NumRel())
    'NumRel'
    """

    TAKES = frozenset({"rel"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), 0 or more."""
        return judged.relevant(rel)
