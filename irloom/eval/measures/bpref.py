"""Bpref: how many judged pairs the ranking orders rightly, whatever is not judged."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio, running


@dataclass(frozen=True)
class Bpref(Measure):
    """For each relevant document, the share of the first R judged documents below `rel` that do not stand above it.

    Documents that are not judged, or below grade 0, are passed over.

    Paper: Buckley and Voorhees, "Retrieval evaluation with incomplete information", 2004; trec_eval's form, which divides by
        the lesser of R and the number of judged documents that are not relevant.

    >>> str(Bpref())
    'Bpref'
    """

    TAKES = frozenset({"rel"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        known = judged.hit_grade >= 0
        query, grade = judged.hit_query[known], judged.hit_grade[known]
        above = running(query, (grade < rel).astype(np.float64))
        found = grade >= rel
        query, above = query[found], above[found]
        relevant = judged.relevant(rel)
        possible = np.minimum(relevant, judged.count(judged.judgment_query[judged.judgment_grade >= 0]) - relevant)[query]
        lost = ratio(np.minimum(above, relevant[query]), possible)
        return ratio(judged.total(query, 1 - lost), relevant)
