"""What a part of a collection is: the contracts of those who build and merge it, and what a reader is given of it."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.files import Progress
from irloom.core.types import Document, Json
from irloom.indexing.snapshot_ids import SnapshotIds

__all__ = ["DocumentSource", "Json", "MergePart", "PartBuilder", "PartSegment", "PartView", "is_shadow"]


SHADOW: Final = ".next"
"""How the name of a part ends that is built beside another and takes its place once it has been judged; till then it is searched by
its name alone."""


def is_shadow(name: str, parts: Container[str]) -> bool:
    """Whether the part of that name stands in the shadow of another one.

    >>> [is_shadow(name, {"dense", "dense.next", "lone.next"}) for name in ("dense", "dense.next", "lone.next")]
    [False, True, False]
    """
    return name.endswith(SHADOW) and name.removesuffix(SHADOW) in parts


class DocumentSource(Protocol):
    """Documents in the order of their positions, streamed from the disk as often as asked."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Document]: ...


class PartBuilder(Protocol):
    """Makes a part of one segment. `kind`, `space`, `fingerprint` and `parameters` go into the manifest."""

    @property
    def kind(self) -> str: ...
    @property
    def space(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Json]: ...

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        """Writes the part of a segment.

        Args:
            documents: of the segment.
            folder: where its files go; there and empty.
            work: outlives a killed build and goes with the commit.
            trained: what all segments share, such as centroids. Where it is empty the builder may learn it and put it there; else it is
                read and left as it is.
            progress: called as it goes.
        """


@dataclass(frozen=True, slots=True)
class PartSegment:
    """A part's files over one segment.

    Attributes:
        folder: where they lie.
        base: the position of the segment's first document.
        documents: how many it has, deleted ones counted.
        live: bool (documents,), which are not deleted; None where none is.
    """

    folder: Path
    base: int
    documents: int
    live: Mask | None

    @property
    def live_places(self) -> NDArray[np.int64]:
        """int64 (n,): the places within the segment of the documents that are not deleted, rising."""
        return np.arange(self.documents, dtype=np.int64) if self.live is None else np.flatnonzero(self.live).astype(np.int64)


class MergePart(Protocol):
    """Makes one segment of a part out of several, of their documents that are not deleted, in order; without text and without an encoder.

    `trained` is what the sources share, None where there is nothing. Where it is outgrown the merge may learn it again and put it into
    `retrained`, a folder that is empty; then that takes its place.
    """

    def __call__(
        self,
        sources: Sequence[PartSegment],
        folder: Path,
        *,
        parameters: Mapping[str, Json],
        trained: Path | None,
        retrained: Path,
        work: Path,
        progress: Progress,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class PartView:
    """A part as a reader sees it: what the manifest says of it, its files by segment, and the ids of its documents."""

    name: str
    kind: str
    space: str
    fingerprint: str
    parameters: Mapping[str, Json]
    segments: tuple[PartSegment, ...]
    ids: SnapshotIds
    trained: Path | None = None

    @property
    def total(self) -> int:
        """The number of positions, deleted documents counted."""
        return len(self.ids)

    @property
    def live(self) -> Mask | None:
        """Bool (total,): which positions are not deleted; None where none is."""
        return self.ids.live
