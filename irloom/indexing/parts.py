"""What a part of a collection is: the contract of its builder, and what a reader is given of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from irloom.core.files import Progress
from irloom.core.types import Document, Json
from irloom.indexing.id_table import IdTable

__all__ = ["DocumentSource", "Json", "PartBuilder", "PartView"]


class DocumentSource(Protocol):
    """The documents of a segment in the order of their positions, streamed from the disk as often as asked."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Document]: ...


class PartBuilder(Protocol):
    """Makes one part of a segment. `kind`, `space`, `fingerprint` and `parameters` go into the manifest."""

    @property
    def kind(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Json]: ...

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, progress: Progress) -> None:
        """Writes its files into `folder`, which is there and empty; `work` outlives a killed build and goes with the commit."""


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as a reader sees it: what the manifest says of it, its folder, and the ids of its documents."""

    name: str
    kind: str
    space: str
    fingerprint: str
    parameters: Mapping[str, Json]
    folder: Path
    ids: IdTable
