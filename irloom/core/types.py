"""The frozen records that travel through the house: Query, Turn, Document, Qrel, Filter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

MetaValue: TypeAlias = str | int | float | bool | tuple[str, ...]
EMPTY: Mapping[str, MetaValue] = MappingProxyType({})

Json: TypeAlias = None | bool | int | float | str | list["Json"] | Mapping[str, "Json"]
"""What a JSON file can hold."""

Qrels: TypeAlias = Mapping[str, Mapping[str, int]]
"""Judgments by query id, then document id: an integer grade, negative or 0 for not relevant."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on metadata in its text form, such as `lang == "en"`. No retriever evaluates one yet: it is refused, never ignored."""

    expression: str


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
