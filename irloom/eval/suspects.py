"""Likely false negatives: unjudged documents that a judge would probably call relevant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from irloom.core.errors import BadValue


@dataclass(frozen=True, slots=True)
class SuspectRule:
    """What makes an unjudged document a likely false negative.

    It stands within the first `within` of the ranking and is a near-duplicate of a document that is judged relevant to the query; or it
    stands within the first `top` of the ranking, and of the rankings of at least `systems` voters: the runs of the stages, but for fusions,
    which only repeat what their components say, and those of other systems.

    Attributes:
        within: how deep near-duplicates are looked for, 1 or more.
        top: how deep systems must agree, 1 or more.
        systems: how many voters must, 2 or more.

    Raises:
        BadValue: a number is out of its range.
    """

    within: int = 10
    top: int = 1
    systems: int = 2

    def __post_init__(self) -> None:
        for name, least in (("within", 1), ("top", 1), ("systems", 2)):
            if getattr(self, name) < least:
                raise BadValue(f"{name} of SuspectRule", getattr(self, name), f"{least} or more")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A likely false negative.

    Attributes:
        doc_id: the document.
        rank: where it stands, from 1.
        reason: "near_duplicate" of a relevant document, or at the top of several "systems".
        of: the relevant document that it resembles; "" where systems agree.
        strength: the Jaccard similarity, or how many systems have it at their top.
    """

    doc_id: str
    rank: int
    reason: Literal["near_duplicate", "systems"]
    of: str
    strength: float


def find_suspects(
    ranked: Sequence[str],
    grades: Mapping[str, int],
    *,
    min_grade: int,
    rule: SuspectRule,
    similar: Mapping[str, Mapping[str, float]],
    tops: Sequence[Collection[str]],
) -> tuple[Suspect, ...]:
    """The likely false negatives of one query's ranking, best first; a near-duplicate is called that even where systems agree on it.

    Args:
        ranked: document ids, best first.
        grades: of the judged documents.
        min_grade: the lowest that is relevant.
        rule: what counts.
        similar: the similarity of near-duplicates, by document, then document.
        tops: the first `rule.top` documents of each voter's ranking of the query.
    """
    found = []
    for rank, doc_id in enumerate(ranked[: max(rule.within, rule.top)], 1):
        if doc_id in grades:
            continue
        resembled = [(value, other) for other, value in similar.get(doc_id, {}).items() if grades.get(other, min_grade - 1) >= min_grade]
        agreeing = sum(doc_id in top for top in tops)
        if rank <= rule.within and resembled:
            value, other = max(resembled)
            found.append(Suspect(doc_id, rank, "near_duplicate", other, value))
        elif rank <= rule.top and agreeing >= rule.systems:
            found.append(Suspect(doc_id, rank, "systems", "", float(agreeing)))
    return tuple(found)
