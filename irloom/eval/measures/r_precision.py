"""Rprec: precision at the rank that equals the number of relevant documents."""

from dataclasses import dataclass

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio


@dataclass(frozen=True)
class Rprec(Measure):
    """Relevant documents among the first R, over R, where R documents are relevant; precision and recall are equal there.

    Paper: Buckley and Voorhees, "Retrieval system evaluation", in TREC: Experiment and Evaluation, 2005, chapter 3.

    >>> str(Rprec(rel=2))
    'Rprec(rel=2)'
    """

    TAKES = frozenset({"rel", "judged_only"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, rank = judged.relevant_hits(rel, None)
        relevant = judged.relevant(rel)
        return ratio(judged.count(query[rank <= relevant[query]]), relevant)
