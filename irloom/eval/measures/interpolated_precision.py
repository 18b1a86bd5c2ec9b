"""IPrec: the best precision at a given recall or beyond it, the points of a precision-recall curve."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure


@dataclass(frozen=True)
class IPrec(Measure):
    """The greatest precision at any rank where at least `recall` of the relevant documents are found; 0 where that never is.

    Args:
        recall: from 0 to 1; spelt behind the @. As in trec_eval it becomes a number of documents by adding 0.9 and cutting off.

    >>> str(IPrec(recall=0.1))
    'IPrec@0.1'
    """

    recall: float | None = None

    TAKES = frozenset({"rel", "judged_only"})
    AT = "recall"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("recall", 0, 1, "a number from 0 to 1, as in 'IPrec@0.1'")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        query, rank = judged.relevant_hits(rel, None)
        found = np.arange(len(query)) - np.searchsorted(query, query) + 1
        wanted = np.floor((self.recall or 0) * judged.relevant(rel) + 0.9)
        far = found >= wanted[query]
        values = np.zeros(len(judged), np.float64)
        np.maximum.at(values, query[far], found[far] / rank[far])
        return values
