"""Points: the scores of one query's documents with what they cost, and how scorers that ask about each document come to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import NotANumber
from irloom.core.types import Document, Query
from irloom.models.generators.generated import LabelScores
from irloom.models.naming import naming_query
from irloom.models.waiting import Spans, merged

T = TypeVar("T")

NO_ROOM = "the query leaves no room for a document"


@dataclass(frozen=True, slots=True)
class Points:
    """The scores of one query's documents.

    Attributes:
        scores: float32 (n,), higher is better; all 0 where there is a fallback, so that the order given is kept.
        calls: prompts that were asked.
        prompt_tokens: tokens of them.
        new_tokens: tokens that the model wrote.
        cut_documents: documents that were cut to fewer tokens than the method cuts all of them to.
        usd: US dollars.
        fallback: "" or why there are no scores.
        spans: when a server was asked; none where the model is no server.
    """

    scores: NDArray[np.float32]
    calls: int = 0
    prompt_tokens: int = 0
    new_tokens: int = 0
    cut_documents: int = 0
    usd: float = 0.0
    fallback: str = ""
    spans: Spans = ()


class PointScorer(Protocol):
    """A Scorer that tells what its scores cost."""

    @property
    def fingerprint(self) -> str: ...
    def warm_up(self) -> None: ...
    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]: ...

    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]:
        """One array a group: float32 (n_i,), higher is better; what they are `measure` says."""
        return [points.scores for points in self.measure(groups)]


def measure_each(
    groups: Sequence[tuple[Query, Sequence[Document]]],
    prepare: Callable[[Query, Document], tuple[T, int] | None],
    ask: Callable[[list[tuple[Query, T]]], list[LabelScores]],
    value: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> list[Points]:
    """One question a document, all of a call in one batch.

    Args:
        groups: queries and documents.
        prepare: the question about a document and how many documents were cut to make it fit; None where it does not fit at all.
        ask: questions, each with its query, to the model's numbers.
        value: those numbers, float32 (n, labels), to float32 (n,) scores.

    Raises:
        NotANumber: a score is NaN.
    """
    prepared = [[prepare(query, document) for document in documents] for query, documents in groups]
    fitting = [None not in row for row in prepared]
    questions = [
        (query, one[0]) for (query, _), row, fits in zip(groups, prepared, fitting, strict=True) if fits for one in row if one is not None
    ]
    found = naming_query(ask, [(one[0], one) for one in questions]) if questions else []
    points, start = [], 0
    for (query, documents), row, fits in zip(groups, prepared, fitting, strict=True):
        if not fits:
            points.append(Points(np.zeros(len(documents), np.float32), fallback=NO_ROOM))
            continue
        mine = found[start : start + len(documents)]
        start += len(documents)
        points.append(_points(query, documents, mine, sum(one[1] for one in row if one is not None), value))
    return points


def _points(
    query: Query,
    documents: Sequence[Document],
    found: Sequence[LabelScores],
    cut: int,
    value: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> Points:
    fault = next((one.fault for one in found if one.fault), "")
    scores = np.zeros(len(documents), np.float32)
    if found and not fault:
        scores = value(np.stack([one.scores for one in found]))
        bad = np.flatnonzero(np.isnan(scores))
        if len(bad):
            raise NotANumber(f"query {query.id!r}: the score of document {documents[int(bad[0])].id!r} is NaN")
    return Points(
        scores,
        calls=len(found),
        prompt_tokens=sum(one.prompt_tokens for one in found),
        new_tokens=sum(one.new_tokens for one in found),
        cut_documents=cut,
        usd=sum(one.usd for one in found),
        fallback=fault,
        spans=merged(*(one.spans for one in found)),
    )
