"""What there is to see of a collection: what `irloom info` shows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from irloom.core.types import Json
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import SEGMENTS
from irloom.pipelines.sizes import counted


@dataclass(frozen=True, slots=True)
class PartDescription:
    """A part: its name, kind, space, parameters, bytes over all segments, bytes of what its segments share, and its approximate index.

    `index` is one line; empty where there is no such index.
    """

    name: str
    kind: str
    space: str
    parameters: Mapping[str, Json]
    bytes: int
    trained: int
    index: str = ""


@dataclass(frozen=True, slots=True)
class SegmentDescription:
    """A segment: its name, its documents, how many of them are deleted, and bytes with its parts."""

    name: str
    documents: int
    deleted: int
    bytes: int


@dataclass(frozen=True, slots=True)
class CollectionDescription:
    """A collection: where it is, what it was made from, how much it holds; `documents` leaves out the deleted ones."""

    path: str
    documents: int
    deleted: int
    generation: int
    source: Mapping[str, Json]
    bytes: int
    segments: tuple[SegmentDescription, ...]
    parts: tuple[PartDescription, ...]

    def summary(self) -> str:
        """One line: documents, where they came from, bytes, generation."""
        source = f"{self.source.get('dataset', 'an unknown source')}{', changed since' if self.source.get('changed') else ''}"
        deleted = f" and {self.deleted:,} deleted" if self.deleted else ""
        size = f"{self.bytes:,} bytes in {counted(len(self.segments), 'segment')}"
        return f"{self.path}: {counted(self.documents, 'document')}{deleted} of {source}, {size}, generation {self.generation}"

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return asdict(self)

    def rows(self) -> list[list[str]]:
        """One row of text a part: name, kind, bytes, bytes of what its segments share, space, parameters."""
        return [
            [
                part.name,
                part.kind,
                f"{part.bytes:,}",
                f"{part.trained:,}",
                part.space,
                ", ".join(f"{key} {_short(value)}" for key, value in part.parameters.items() if value not in (None, False)),
            ]
            for part in self.parts
        ]

    def segment_rows(self) -> list[list[str]]:
        """One row of text a segment: name, documents, deleted, bytes."""
        return [[segment.name, f"{segment.documents:,}", f"{segment.deleted:,}", f"{segment.bytes:,}"] for segment in self.segments]


def index_line(collection: Collection, part: str) -> str:
    """One line on the approximate index of a part; empty where it has none."""
    if collection.parts[part].parameters.get("faiss") is None:
        return ""
    from irloom.indexing.ann.describe import describe_index

    return describe_index(collection.part(part))


def describe_collection(path: str | Path) -> CollectionDescription:
    """Opens the collection, which checks the sizes of all files.

    Raises:
        NotACollection: there is none at `path`.
        Corrupt: a file is missing or truncated.
    """
    root = Path(path)
    with Collection.open(root) as collection:
        manifest = collection.manifest
        indexes = {name: index_line(collection, name) for name in manifest.parts}

    def size(*places: str) -> int:
        folders = tuple(f"{place}/" for place in places)
        return sum(file.bytes for place, file in manifest.files.items() if place.startswith(folders))

    parts = tuple(
        PartDescription(
            name,
            record.kind,
            record.space,
            record.parameters,
            size(*record.folders.values()),
            size(record.trained) if record.trained else 0,
            indexes.get(name, ""),
        )
        for name, record in sorted(manifest.parts.items())
    )
    segments = tuple(
        SegmentDescription(name, record.documents, record.deleted, size(f"{SEGMENTS}/{name}")) for name, record in manifest.segments.items()
    )
    return CollectionDescription(
        str(root),
        manifest.documents,
        manifest.positions - manifest.documents,
        manifest.generation,
        manifest.source,
        sum(file.bytes for file in manifest.files.values()),
        segments,
        parts,
    )


def _short(value: Json) -> str:
    """A parameter in few words: of a mapping its name or kind."""
    if isinstance(value, Mapping):
        known = next((str(value[key]) for key in ("name", "kind") if key in value), "")
        return known or _short(json.dumps(value))
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
