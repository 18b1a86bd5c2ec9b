"""IntentJudgments: judgments by intent as columns, the form that the intent-aware measures read."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from irloom.core.intents import IntentQrels

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IntentJudgments:
    """Grades for each intent; an intent is numbered over all queries.

    Attributes:
        query: int64 (m,), ascending: the query of each judgment.
        doc: int64 (m,): its document, numbered within the query in descending order of the ids.
        intent: int64 (m,): its intent; those of a query are numbered in their natural order, 2 before 10.
        grade: int64 (m,).
        hit: int64 (p,), ascending: a place among the hits of the JudgedRun, once for each intent that the document is judged for.
        hit_intent: int64 (p,).
        hit_grade: int64 (p,).
    """

    query: Ints
    doc: Ints
    intent: Ints
    grade: Ints
    hit: Ints
    hit_intent: Ints
    hit_grade: Ints

    def of_hits(self, kept: NDArray[np.bool_]) -> "IntentJudgments":
        """The same judgments where only some of the hits are left, bool (h,)."""
        left = kept[self.hit]
        place = np.cumsum(kept) - 1
        return replace(self, hit=place[self.hit[left]], hit_intent=self.hit_intent[left], hit_grade=self.hit_grade[left])


def intent_judgments(qrels: IntentQrels, hit_judgment: Ints) -> IntentJudgments:
    """The judgments by intent of all documents, and of the hits.

    Args:
        qrels: the judgments.
        hit_judgment: int64 (h,): the place of its document among all judged documents, query by query as `qrels` gives them.
    """
    rows: list[tuple[int, int, int, int, int]] = []
    first, number = 0, 0
    for row, (query_id, judged) in enumerate(qrels.items()):
        place = {doc_id: number for number, doc_id in enumerate(judged, start=first)}
        order = {doc_id: number for number, doc_id in enumerate(sorted(judged, reverse=True))}
        for name in sorted(qrels.intents[query_id], key=_natural):
            grades = qrels.intents[query_id][name]
            rows += [(row, place[doc_id], order[doc_id], number, value) for doc_id, value in grades.items()]
            number += 1
        first += len(judged)
    query, judgment, doc, intent, grade = np.array(rows, np.int64).reshape(-1, 5).T
    by_judgment = np.argsort(judgment, kind="stable")
    low, high = np.searchsorted(judgment, np.stack([hit_judgment, hit_judgment + 1]), sorter=by_judgment)
    hit = np.repeat(np.arange(len(hit_judgment)), high - low)
    within = np.arange(len(hit)) - np.searchsorted(hit, hit)
    entry = by_judgment[low[hit] + within]
    return IntentJudgments(query, doc, intent, grade, hit, intent[entry], grade[entry])


def _natural(intent: str) -> tuple[int, int, str]:
    """A key that sorts numbers as numbers, before words."""
    return (0, int(intent), intent) if intent.isdecimal() else (1, 0, intent)
