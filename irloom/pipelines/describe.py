"""What there is to see of a collection: what `irloom info` shows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from irloom.core.types import Json
from irloom.indexing.manifest import read_manifest


@dataclass(frozen=True, slots=True)
class PartDescription:
    """A part: its name, kind, space, parameters and bytes."""

    name: str
    kind: str
    space: str
    parameters: Mapping[str, Json]
    bytes: int


@dataclass(frozen=True, slots=True)
class CollectionDescription:
    """A collection: where it is, what it was made from, how much it holds."""

    path: str
    documents: int
    generation: int
    source: Mapping[str, Json]
    bytes: int
    parts: tuple[PartDescription, ...]

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return asdict(self)

    def rows(self) -> list[list[str]]:
        """One row of text a part: name, kind, bytes, space, parameters."""
        return [
            [
                part.name,
                part.kind,
                f"{part.bytes:,}",
                part.space,
                ", ".join(f"{key} {_short(value)}" for key, value in part.parameters.items()),
            ]
            for part in self.parts
        ]


def describe_collection(path: str | Path) -> CollectionDescription:
    """Reads the manifest, and the sizes of all files.

    Raises:
        NotACollection: there is none at `path`.
        Corrupt: a file is missing or truncated.
    """
    root = Path(path)
    manifest = read_manifest(root)
    manifest.check_sizes(root)
    parts = []
    for name, record in sorted(manifest.parts.items()):
        folders = tuple(f"{folder}/" for folder in record.folders.values())
        size = sum(file.bytes for place, file in manifest.files.items() if place.startswith(folders))
        parts.append(PartDescription(name, record.kind, record.space, record.parameters, size))
    total = sum(file.bytes for file in manifest.files.values())
    return CollectionDescription(str(root), manifest.documents, manifest.generation, manifest.source, total, tuple(parts))


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
