"""P_IA, AP_IA and StRecall: precision, average precision and recall over the intents of a query."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, ratio, running
from irloom.eval.measures.intent_aware import IntentAware


@dataclass(frozen=True)
class P_IA(IntentAware):
    """The mean over the intents of their precisions at the cut.

    Paper: Agrawal et al., "Diversifying search results", 2009.

    >>> str(P_IA(10))
    'P_IA@10'
    """

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, _, _ = self.pairs(judged, rel)
        return ratio(judged.count(query) / (self.cut or 1), self.intent_counts(judged, rel))


@dataclass(frozen=True)
class AP_IA(IntentAware):
    """The mean over the intents of their average precisions.

    Paper: Agrawal et al., "Diversifying search results", 2009.

    >>> str(AP_IA(rel=2))
    'AP_IA(rel=2)'
    """

    TAKES = frozenset({"rel", "judged_only"})
    NEEDS_CUT = False

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, rank, intent = self.pairs(judged, rel)
        order = np.argsort(intent, kind="stable")
        query, rank, intent = query[order], rank[order], intent[order]
        all_intents = self.intents(judged)
        relevant = np.bincount(all_intents.intent[all_intents.grade >= rel], minlength=int(intent.max(initial=-1)) + 1)
        precision = running(intent, np.ones(len(intent))) / rank
        return ratio(judged.total(query, precision / relevant[intent]), self.intent_counts(judged, rel))


@dataclass(frozen=True)
class StRecall(IntentAware):
    """The share of the intents that have a relevant document within the cut.

    Paper: Zhai, Cohen and Lafferty, "Beyond independent relevance: methods and evaluation metrics for subtopic retrieval", 2003.

    >>> str(StRecall(10))
    'StRecall@10'
    """

    TAKES = frozenset({"cut", "rel"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, _, intent = self.pairs(judged, rel)
        _, first = np.unique(intent, return_index=True)
        return ratio(judged.count(query[first]), self.intent_counts(judged, rel))
