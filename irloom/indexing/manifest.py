"""The manifest: the commit point of a collection, and the only file that says what belongs to it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from irloom.core.errors import Corrupt, FormatMismatch, NotACollection
from irloom.core.files import replacing, sha256_of
from irloom.core.types import Json

NAME = "manifest.json"
FORMAT = "irloom-collection"
VERSION = 1


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file must be: its size in bytes and the SHA-256 of its content."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PartRecord:
    """A part: what its builder said of itself, and its folder within each segment."""

    kind: str
    space: str
    fingerprint: str
    parameters: Mapping[str, Json]
    folders: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation of a collection. `segments` gives each segment's number of documents, `source` the dataset it came from."""

    generation: int = 0
    source: Mapping[str, Json] = field(default_factory=dict)
    segments: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, PartRecord] = field(default_factory=dict)
    files: Mapping[str, FileRecord] = field(default_factory=dict)

    @property
    def documents(self) -> int:
        """The number of documents."""
        return sum(self.segments.values())

    def write(self, root: Path) -> None:
        """Commits: the old manifest is replaced in one step."""
        body = {"format": FORMAT, "version": VERSION, **asdict(self)}
        text = json.dumps({**body, "checksum": _checksum(body)}, indent=1, sort_keys=True)
        with replacing(root / NAME) as file:
            file.write(text.encode())

    def with_files(self, root: Path, folder: Path) -> "Manifest":
        """This manifest with the files of `folder`, which lies under `root`."""
        found = {
            path.relative_to(root).as_posix(): FileRecord(path.stat().st_size, sha256_of(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return replace(self, files={**self.files, **found})

    def check_sizes(self, root: Path) -> None:
        """Compares each file's size.

        Raises:
            Corrupt: a file is missing, longer or shorter than the manifest says.
        """
        for name, record in self.files.items():
            path = root / name
            try:
                size = path.stat().st_size
            except (FileNotFoundError, NotADirectoryError):
                raise Corrupt(path, "the file is missing") from None
            if size != record.bytes:
                raise Corrupt(path, f"{size} bytes, expected {record.bytes}")

    def damage(self, root: Path) -> list[str]:
        """Every file whose size or checksum is not as recorded, one line each; reads all of them."""
        lines = []
        for name, record in self.files.items():
            path = root / name
            if not path.is_file():
                lines.append(f"{name}: the file is missing")
            elif path.stat().st_size != record.bytes:
                lines.append(f"{name}: {path.stat().st_size} bytes, expected {record.bytes}")
            elif sha256_of(path) != record.sha256:
                lines.append(f"{name}: its checksum differs, its content has changed")
        return lines


def read_manifest(root: Path) -> Manifest:
    """The manifest of the collection at `root`.

    Raises:
        NotACollection: there is none.
        FormatMismatch: it is of another version of the format.
        Corrupt: it cannot be read, or its checksum or content is wrong.
    """
    path = root / NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotACollection(root, "it has no manifest.json" if root.is_dir() else "there is no such folder") from None
    except NotADirectoryError:
        raise NotACollection(root, "it is a file") from None
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Corrupt(path, f"not JSON ({error})") from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise NotACollection(root, "its manifest.json is not irloom's")
    if body.get("version") != VERSION:
        raise FormatMismatch(f"{path} is of format version {body.get('version')!r}; this irloom reads version {VERSION}")
    if body.pop("checksum", None) != _checksum(body):
        raise Corrupt(path, "its checksum differs, its content has changed")
    try:
        manifest = _parse(body)
    except (KeyError, TypeError, AttributeError) as error:
        raise Corrupt(path, f"a field is missing or of the wrong type ({error})") from None
    for name in [*manifest.files, *(folder for part in manifest.parts.values() for folder in part.folders.values())]:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or not name.startswith("segments/"):
            raise Corrupt(path, f"it names {name!r}, which lies outside the collection's segments")
        if not (root / name).resolve().is_relative_to(root.resolve()):
            raise Corrupt(path, f"{name!r} is a link that leaves the collection")
    return manifest


def _parse(body: Mapping[str, Any]) -> Manifest:
    return Manifest(
        generation=int(body["generation"]),
        source=dict(body["source"]),
        segments={str(name): int(count) for name, count in body["segments"].items()},
        parts={name: PartRecord(**part) for name, part in body["parts"].items()},
        files={name: FileRecord(**record) for name, record in body["files"].items()},
    )


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
