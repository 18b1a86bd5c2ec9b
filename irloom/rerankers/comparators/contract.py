"""What a comparator promises: answers about two documents, about the best of a set, or about the order of a list.

Pointwise methods need no contract of their own: each is a Scorer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from irloom.core.types import Document, Query
from irloom.models.waiting import Spans, merged

T = TypeVar("T")

Candidates: TypeAlias = tuple[Query, Sequence[Document]]
"""A query and the documents that are compared for it, in the order given."""

FAILED: Final = "failed"
"""The fault of an answer that never came; the query's order is kept as it was."""
WRONG_FORMAT: Final = "wrong format"
REPETITION: Final = "repetition"
MISSING_IDS: Final = "missing ids"
REFUSED: Final = "refused"
NARROWED: Final = "narrowed"
"""Nothing is wrong with the answer, but the list did not fit one prompt and was ordered in windows."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What answers cost.

    Attributes:
        prompt_tokens: tokens that the model read.
        new_tokens: tokens that it wrote.
        calls: prompts that it was given.
        cut_documents: ids of documents that were shortened more than the method shortens all.
        usd: US dollars, where a server charges them.
        unlisted: identifiers that a server did not name among the likely ones.
        spans: when a server was asked; none where the model is no server.
    """

    prompt_tokens: int = 0
    new_tokens: int = 0
    calls: int = 0
    cut_documents: frozenset[str] = frozenset()
    usd: float = 0.0
    unlisted: int = 0
    spans: Spans = ()

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.prompt_tokens + other.prompt_tokens,
            self.new_tokens + other.new_tokens,
            self.calls + other.calls,
            self.cut_documents | other.cut_documents,
            self.usd + other.usd,
            self.unlisted + other.unlisted,
            merged(self.spans, other.spans),
        )


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """One answer, always usable.

    Attributes:
        value: what was asked for; where the model's text says less, what the method does then.
        spent: what it cost.
        fault: "" or what was wrong with the model's text: one of the names above, or the comparator's own.
        detail: more about the fault, for a note that people read.
    """

    value: T
    spent: Spent = Spent()
    fault: str = ""
    detail: str = ""


class Comparator(Protocol):
    """What all comparators have; `warm_up` loads the weights, where there are any."""

    @property
    def fingerprint(self) -> str: ...
    def warm_up(self) -> None: ...


class PairComparator(Comparator, Protocol):
    """Which of two documents is better: 1.0 the first, 0.5 neither, 0.0 the second; probabilities between them are allowed."""

    def compare(self, requests: Sequence[tuple[Query, Document, Document]]) -> list[Answer[float]]: ...


class SetSelector(Comparator, Protocol):
    """The place of the best document of a set of at most `labels` documents; -1 where the model names none."""

    @property
    def labels(self) -> int: ...
    def select(self, requests: Sequence[Candidates]) -> list[Answer[int]]: ...


class ListOrderer(Comparator, Protocol):
    """The places of a list's documents, best first: a permutation, whatever the model says. `most` documents at once, None for any."""

    @property
    def most(self) -> int | None: ...
    def order(self, requests: Sequence[Candidates]) -> list[Answer[list[int]]]: ...
