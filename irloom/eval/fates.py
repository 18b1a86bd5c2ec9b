"""Fates: what became of each relevant document on its way through a system's stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Fate: TypeAlias = Literal["found", "missed", "unread", "demoted", "low"]
FATES: tuple[Fate, ...] = ("found", "missed", "unread", "demoted", "low")


@dataclass(frozen=True, slots=True)
class Flow:
    """How the stages hang together.

    Attributes:
        inputs: for each stage, the places of the stages whose runs it takes.
        reads: for each stage, how many documents of its rankings the stage after it reads; None for all.
        cut: within which a document counts as shown.
    """

    inputs: tuple[tuple[int, ...], ...]
    reads: tuple[int | None, ...]
    cut: int


@dataclass(frozen=True, slots=True)
class RelevantDocument:
    """A relevant document of one query.

    Attributes:
        doc_id: the document.
        grade: its judgment.
        ranks: after each stage, from 1; None where the stage's run lacks it.
        fate: "found" within the cut of the last stage; else "missed": no stage has it; "demoted": a stage put it out of the cut, or dropped
            it, that was given it within; "unread": a stage was given it only below the depth that it reads; "low": none of these.
        stage: the place of the last stage that demoted it or did not read it; None for other fates.
    """

    doc_id: str
    grade: int
    ranks: tuple[int | None, ...]
    fate: Fate
    stage: int | None


def fate_of(ranks: Sequence[int | None], flow: Flow) -> tuple[Fate, int | None]:
    """A relevant document's fate and the stage that decided it; see `RelevantDocument`.

    Args:
        ranks: the document's, after each stage.
        flow: how the stages hang together.

    >>> fate_of((3, 40), Flow(((), (0,)), (None, None), cut=10))
    ('demoted', 1)
    """
    if _within(ranks[-1], flow.cut):
        return "found", None
    if all(rank is None for rank in ranks):
        return "missed", None
    unread = None
    for stage in reversed(range(len(ranks))):
        given = [source for source in flow.inputs[stage] if ranks[source] is not None]
        if any(_within(ranks[source], flow.cut) for source in given) and not _within(ranks[stage], flow.cut):
            return "demoted", stage
        if unread is None and given and not any(_within(ranks[source], flow.reads[source]) for source in given):
            unread = stage
    return ("low", None) if unread is None else ("unread", unread)


def trace(grades: Mapping[str, int], ranks: Sequence[Mapping[str, int]], flow: Flow) -> tuple[RelevantDocument, ...]:
    """The relevant documents of one query with their fates; the best grade first, then as the judgments have them.

    Args:
        grades: of the relevant documents.
        ranks: after each stage, those of the documents that its run has.
        flow: how the stages hang together.
    """
    documents = []
    for doc_id, grade in sorted(grades.items(), key=lambda item: -item[1]):
        places = tuple(found.get(doc_id) for found in ranks)
        documents.append(RelevantDocument(doc_id, grade, places, *fate_of(places, flow)))
    return tuple(documents)


def losses(documents: Sequence[RelevantDocument], *, cut: int, least: int) -> set[Fate]:
    """The fates that cost a query something.

    "missed" does where the documents that some stage has cannot fill the cut as well as all relevant ones could; another does where one
    of its documents is better than the least within the cut.

    Args:
        documents: the relevant ones of a query, the best grade first.
        cut: within which a document counts as shown.
        least: the lowest grade within the cut, 0 for an unjudged document and an empty place.
    """
    found: set[Fate] = {document.fate for document in documents if document.fate not in ("found", "missed") and document.grade > least}
    ideal = [document.grade for document in documents[:cut]]
    if [document.grade for document in documents if document.fate != "missed"][:cut] != ideal:
        found.add("missed")
    return found


def _within(rank: int | None, cut: int | None) -> bool:
    return rank is not None and (cut is None or rank <= cut)
