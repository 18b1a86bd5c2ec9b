"""Accuracy: the probability that a retrieved relevant document stands above one that is not."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio, running


@dataclass(frozen=True)
class Accuracy(Measure):
    """The share of rightly ordered pairs among the documents within the cut; unjudged ones are not relevant.

    Differs: a query without relevant documents in its ranking is 0 and counts in the mean, where ir_measures drops it; one with
        nothing but relevant ones is 1, where ir_measures divides by zero.

    >>> str(Accuracy(100))
    'Accuracy@100'
    """

    TAKES = frozenset({"cut", "rel"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        query, rank = judged.relevant_hits(rel, self.cut)
        found = judged.count(query)
        retrieved = judged.retrieved if self.cut is None else np.minimum(judged.retrieved, self.cut)
        other = retrieved - found
        above = rank - running(query, np.ones(len(query)))
        wrong = ratio(judged.total(query, above), found * other)
        return np.where(found > 0, 1 - wrong, 0.0)
