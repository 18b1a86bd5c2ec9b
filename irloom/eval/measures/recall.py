"""R: the share of the relevant documents that were found."""

from dataclasses import dataclass

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio


@dataclass(frozen=True)
class R(Measure):
    """Relevant documents within the cut over all relevant documents.

    >>> str(R(1000))
    'R@1000'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, _ = judged.relevant_hits(rel, self.cut)
        return ratio(judged.count(query), judged.relevant(rel))
