"""The frozen records that travel through the house: Query, Turn, Document, Qrel, Filter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

from irloom.core.errors import BadValue
from irloom.core.filter import Condition
from irloom.core.filter_text import parse_filter

MetaValue: TypeAlias = str | int | float | bool | tuple[str, ...]
EMPTY: Mapping[str, MetaValue] = MappingProxyType({})

Json: TypeAlias = None | bool | int | float | str | list["Json"] | Mapping[str, "Json"]
"""What a JSON file can hold."""

Qrels: TypeAlias = Mapping[str, Mapping[str, int]]
"""Judgments by query id, then document id: an integer grade, negative or 0 for not relevant."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may be found, in its text form; `expression` is kept in one spelling, so that equal filters are equal.

    Raises:
        BadFilter: the text cannot be read.

    >>> Filter("lang=='en' and year>=2020")
    Filter(expression='lang == "en" and year >= 2020')
    """

    expression: str
    condition: Condition = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.expression, str):
            raise BadValue("filter", self.expression, "text, such as 'lang == \"en\"'")
        condition = parse_filter(self.expression)
        object.__setattr__(self, "condition", condition)
        object.__setattr__(self, "expression", str(condition))

    def __and__(self, other: "Filter") -> "Filter":
        """Both of them."""
        return self if self == other else Filter(f"({self.expression}) and ({other.expression})")


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of a conversation before the query."""

    speaker: Literal["user", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. `turns` are the conversation before it, `where` restricts the documents, `at` is when it was asked."""

    id: str
    text: str
    turns: tuple[Turn, ...] = ()
    images: tuple[Path, ...] = ()
    where: Filter | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What is found. A chunk names its `parent` and its `span` there, in characters, end excluded."""

    id: str
    text: str
    title: str = ""
    images: tuple[Path, ...] = ()
    parent: str = ""
    span: tuple[int, int] | None = None
    meta: Mapping[str, MetaValue] = field(default_factory=lambda: EMPTY, hash=False)

    @property
    def full_text(self) -> str:
        """Title and text joined by one blank; the one that is there where the other is empty."""
        return f"{self.title} {self.text}".strip() if self.title else self.text


@dataclass(frozen=True, slots=True)
class Qrel:
    """One judgment: how relevant a document is to a query, and to which of its intents."""

    query_id: str
    doc_id: str
    grade: int
    intent: str = ""
