"""IntentAware: measures that read judgments by intent, and what they have in common: novelty, and the ideal order."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError
from irloom.eval.intent_judgments import IntentJudgments
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, running

Ints = NDArray[np.int64]
_DEEPEST = 1_000_000


@dataclass(frozen=True)
class IntentAware(Measure):
    """A measure over the intents of a query; an intent without relevant documents does not count.

    Raises:
        BadValue: a cut is needed and missing, or above a million.
    """

    NEEDS_CUT: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        kind = type(self).__name__
        if self.NEEDS_CUT and not 1 <= (self.cut or 0) <= _DEEPEST:
            raise BadValue(f"cut of {kind}", self.cut, f"an integer from 1 to {_DEEPEST}, as in '{kind}@20'")

    def pairs(self, judged: JudgedRun, rel: int) -> tuple[Ints, Ints, Ints]:
        """Query, rank and intent, int64 (p,) each, of every relevant hit and intent within the cut, hit by hit.

        Raises:
            DataError: the judgments are not by intent.
        """
        intents = self.intents(judged)
        query, rank = judged.hit_query[intents.hit], judged.hit_rank[intents.hit]
        kept = intents.hit_grade >= rel
        if self.cut is not None:
            kept &= rank <= self.cut
        return query[kept], rank[kept], intents.hit_intent[kept]

    def intents(self, judged: JudgedRun) -> IntentJudgments:
        """The judgments by intent.

        Raises:
            DataError: there are none.
        """
        if judged.intents is None:
            needed = "judgments by intent (query, intent, document, grade)"
            raise DataError(f"{self} needs {needed}, and these are by document; give them as a file, or read it with read_intent_qrels")
        return judged.intents

    def intent_counts(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,): how many intents of each query have a relevant document."""
        intents = self.intents(judged)
        relevant = intents.grade >= rel
        _, first = np.unique(intents.intent[relevant], return_index=True)
        return judged.count(intents.query[relevant][first])


def novelty(intent: Ints, alpha: float) -> Floats:
    """float64 (p,): (1 - alpha)^seen, where `seen` counts the entries above of the same intent; entries stand best rank first."""
    order = np.argsort(intent, kind="stable")
    worth = np.empty(len(intent), np.float64)
    worth[order] = (1 - alpha) ** (running(intent[order], np.ones(len(intent))) - 1)
    return worth


def ideal_run(judged: JudgedRun, intents: IntentJudgments, rel: int, alpha: float) -> JudgedRun:
    """The judgments in the order that gains most at each rank: at every step the document of the greatest novel gain.

    Equal gains go to the greater document id, as in ndeval. Only relevant documents are in it.
    """
    kept = intents.grade >= rel
    query, doc, intent = intents.query[kept], intents.doc[kept], intents.intent[kept]
    ranked: list[tuple[int, int, int, int]] = []
    hits = 0
    for row in np.unique(query).tolist():
        low, high = np.searchsorted(query, [row, row + 1])
        docs, place = np.unique(doc[low:high], return_inverse=True)
        _, aspect = np.unique(intent[low:high], return_inverse=True)
        covers = np.zeros((len(docs), int(aspect.max()) + 1), np.bool_)
        covers[place, aspect] = True
        rank = _greedy(covers, alpha)[place]
        ranked += [(row, hits + int(r) - 1, int(r), int(i)) for r, i in sorted(zip(rank.tolist(), intent[low:high].tolist(), strict=True))]
        hits += len(docs)
    rows, hit, ranks, by_intent = np.array(ranked, np.int64).reshape(-1, 4).T
    _, first = np.unique(hit, return_index=True)
    found = replace(intents, hit=hit, hit_intent=by_intent, hit_grade=np.full(len(hit), rel))
    return replace(
        judged,
        hit_query=rows[first],
        hit_rank=ranks[first],
        hit_grade=np.full(len(first), rel),
        intents=found,
        retrieved=judged.count(rows[first]).astype(np.int64),
    )


def _greedy(covers: NDArray[np.bool_], alpha: float) -> Ints:
    """int64 (documents,): the rank of each, from bool (documents, intents)."""
    worth = np.ones(covers.shape[1])
    rank = np.zeros(len(covers), np.int64)
    for step in range(1, len(covers) + 1):
        gain = np.zeros(len(covers))
        for aspect, value in enumerate(worth.tolist()):
            gain[covers[:, aspect]] += value
        best = int(np.argmax(np.where(rank == 0, gain, -1.0)))
        rank[best] = step
        worth[covers[best]] *= 1 - alpha
    return rank
