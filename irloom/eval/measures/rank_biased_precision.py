"""RBP: the relevant documents that a reader sees who goes on to the next one with a fixed probability."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure


@dataclass(frozen=True)
class RBP(Measure):
    """(1 - p) times the sum of p^(rank - 1) over the relevant documents within the cut.

    Args:
        p: the probability of going on, from 0 to below 1.

    Paper: Moffat and Zobel, "Rank-biased precision for measurement of retrieval effectiveness", 2008.
    Differs: cwl_eval's weights sum to 1 over 1,000 ranks, these over all ranks; below p = 0.98 the values agree to 1e-8.

    >>> str(RBP(p=0.5, rel=1))
    'RBP(rel=1,p=0.5)'
    """

    p: float = 0.8

    TAKES = frozenset({"cut", "rel"})

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("p", 0, float(np.nextafter(1, 0)), "a number from 0 to below 1")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        query, rank = judged.relevant_hits(rel, self.cut)
        return (1 - self.p) * judged.total(query, np.power(self.p, rank - 1.0))
