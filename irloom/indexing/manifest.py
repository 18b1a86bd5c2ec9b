"""The manifest: the commit point of a collection, and the only file that says what belongs to it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from irloom.core.errors import Corrupt, FormatMismatch, NotACollection
from irloom.core.files import Progress, no_progress, replacing, sha256_of
from irloom.core.types import Json
from irloom.indexing.places import check_links, check_names, refuse_links, size_of

NAME = "manifest.json"
FORMAT = "irloom-collection"
VERSION = 2
"""What is written. Every version from 1 on is read, for ever: tests/golden/ keeps a collection of each."""

SEGMENTS, TRAINED, DELETED, RANKS = "segments", "trained", "deleted", "ranks"
FOLDERS = (SEGMENTS, TRAINED, DELETED, RANKS)
"""Where files of a collection may lie."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file must be: its size in bytes and the SHA-256 of its content."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """A segment: its documents, how many of them are deleted, and the file of its tombstones ("" where none is)."""

    documents: int
    deleted: int = 0
    tombstones: str = ""


@dataclass(frozen=True, slots=True)
class PartRecord:
    """A part: what its builder said of itself, its folder within each segment, and the folder of what they share ("" for none)."""

    kind: str
    space: str
    fingerprint: str
    parameters: Mapping[str, Json]
    folders: Mapping[str, str]
    trained: str = ""

    @property
    def all_folders(self) -> tuple[str, ...]:
        """Every folder that is the part's own."""
        return (*self.folders.values(), *([self.trained] if self.trained else []))


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation of a collection.

    Attributes:
        generation: one more with each commit.
        source: the dataset that the documents came from.
        segments: by name, in the order of their positions.
        parts: by name.
        ranks: the file of the ids' ranks over all segments; "" where there is one segment.
        files: every file that belongs to the collection.
    """

    generation: int = 0
    source: Mapping[str, Json] = field(default_factory=dict)
    segments: Mapping[str, SegmentRecord] = field(default_factory=dict)
    parts: Mapping[str, PartRecord] = field(default_factory=dict)
    ranks: str = ""
    files: Mapping[str, FileRecord] = field(default_factory=dict)

    @property
    def documents(self) -> int:
        """The number of documents, without the deleted ones."""
        return sum(segment.documents - segment.deleted for segment in self.segments.values())

    @property
    def positions(self) -> int:
        """The number of documents, deleted ones counted."""
        return sum(segment.documents for segment in self.segments.values())

    def write(self, root: Path) -> None:
        """Commits: the old manifest is replaced in one step."""
        body = {"format": FORMAT, "version": VERSION, **asdict(self)}
        body["segments"] = [{"name": name, **asdict(segment)} for name, segment in self.segments.items()]
        text = json.dumps({**body, "checksum": _checksum(body)}, indent=1, sort_keys=True)
        with replacing(root / NAME) as file:
            file.write(text.encode())

    def with_files(self, root: Path, *places: Path) -> "Manifest":
        """This manifest with the files that are, or lie in, `places` under `root`."""
        paths = [path for place in places for path in (sorted(place.rglob("*")) if place.is_dir() else [place])]
        found = {path.relative_to(root).as_posix(): FileRecord(path.stat().st_size, sha256_of(path)) for path in paths if path.is_file()}
        return replace(self, files={**self.files, **found})

    def without_files(self, *places: str) -> "Manifest":
        """This manifest without the files that are, or lie in, `places`."""
        gone, folders = set(places), tuple(f"{place}/" for place in places)
        return replace(
            self, files={path: record for path, record in self.files.items() if path not in gone and not path.startswith(folders)}
        )

    def check_sizes(self, root: Path) -> None:
        """Compares each file's size.

        Raises:
            Corrupt: a file is missing, longer or shorter than the manifest says.
        """
        for name, record in self.files.items():
            size = size_of(root, name)
            if size != record.bytes:
                raise Corrupt(root / name, f"{size} bytes, expected {record.bytes}")

    def damage(self, root: Path, *, progress: Progress = no_progress) -> list[str]:
        """Every file whose size or checksum is not as recorded, one line each; reads all of them."""
        return [f"{name}: {problem}" for name, problem in self._damaged(root, tuple(self.files), progress)]

    def check_content(self, root: Path, *, within: Sequence[str], progress: Progress = no_progress) -> None:
        """Compares size and checksum of each file that is, or lies in, one of the places `within`; reads all of them.

        Raises:
            Corrupt: a file is missing or its content has changed.
        """
        folders = tuple(f"{place}/" for place in within)
        names = [name for name in self.files if name in within or name.startswith(folders)]
        for name, problem in self._damaged(root, names, progress):
            raise Corrupt(root / name, problem)

    def _damaged(self, root: Path, names: Sequence[str], progress: Progress) -> Iterator[tuple[str, str]]:
        """Those of the files that are not as recorded, each with what is wrong."""
        done, total = 0, sum(self.files[name].bytes for name in names)
        for name in names:
            path, record = root / name, self.files[name]
            if not path.is_file():
                yield name, "the file is missing"
            elif path.stat().st_size != record.bytes:
                yield name, f"{path.stat().st_size} bytes, expected {record.bytes}"
            elif sha256_of(path) != record.sha256:
                yield name, "its checksum differs, its content has changed"
            done += record.bytes
            progress("bytes", done, total)


def read_manifest(root: Path) -> Manifest:
    """The manifest of the collection at `root`.

    Raises:
        NotACollection: there is none.
        FormatMismatch: it is of a version of the format that is not known yet.
        Corrupt: it cannot be read, or its checksum or content is wrong.
    """
    return parse_manifest(root, manifest_bytes(root))


def manifest_bytes(root: Path) -> bytes:
    """What the file of the manifest holds.

    Raises:
        NotACollection: there is none.
        Corrupt: it is a link.
    """
    refuse_links(root, (NAME,))
    try:
        return (root / NAME).read_bytes()
    except FileNotFoundError:
        raise NotACollection(root, "it has no manifest.json" if root.is_dir() else "there is no such folder") from None
    except NotADirectoryError:
        raise NotACollection(root, "it is a file") from None
    except IsADirectoryError:
        raise NotACollection(root, "its manifest.json is a folder") from None


def parse_manifest(root: Path, data: bytes) -> Manifest:
    """The manifest that these bytes are, of the collection at `root`.

    Raises:
        NotACollection: it is not irloom's.
        FormatMismatch: it is of a version of the format that is not known yet.
        Corrupt: it cannot be read, or its checksum or content is wrong.
    """
    path = root / NAME
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Corrupt(path, f"not JSON ({error})") from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise NotACollection(root, "its manifest.json is not irloom's")
    version = body.get("version")
    if version not in range(1, VERSION + 1) or isinstance(version, bool):
        raise FormatMismatch(f"{path} is of format version {version!r}; this irloom reads versions 1 to {VERSION}")
    if body.pop("checksum", None) != _checksum(body):
        raise Corrupt(path, "its checksum differs, its content has changed")
    try:
        manifest = _parse(body)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Corrupt(path, f"a field is missing or of the wrong type ({error})") from None
    names = [*manifest.files, *(folder for part in manifest.parts.values() for folder in part.all_folders)]
    names += [f"{SEGMENTS}/{name}" for name in manifest.segments]
    check_names(path, names, folders=FOLDERS)
    check_links(root, names)
    return manifest


def _parse(body: Mapping[str, Any]) -> Manifest:
    segments = body["segments"]
    if body["version"] == 1:
        segments = [{"name": name, "documents": count} for name, count in segments.items()]
    manifest = Manifest(
        generation=_count(body["generation"]),
        source=dict(body["source"]),
        segments={_text(segment["name"]): _segment(segment) for segment in segments},
        parts={_part_name(name): _part(part) for name, part in body["parts"].items()},
        ranks=_text(body.get("ranks", "")),
        files={name: FileRecord(_count(record["bytes"]), _text(record["sha256"])) for name, record in body["files"].items()},
    )
    names = manifest.segments.keys()
    if len(names) != len(segments):
        raise ValueError("a segment is there twice")
    for name, part in manifest.parts.items():
        if part.folders.keys() != names:
            raise ValueError(f"part {name!r} covers the segments {sorted(part.folders)}, of {sorted(names)}")
    for place in (manifest.ranks, *(segment.tombstones for segment in manifest.segments.values())):
        if place and place not in manifest.files:
            raise ValueError(f"{place!r} is not among its files")
    return manifest


def _segment(segment: Mapping[str, Any]) -> SegmentRecord:
    record = SegmentRecord(_count(segment["documents"]), _count(segment.get("deleted", 0)), _text(segment.get("tombstones", "")))
    if record.deleted > record.documents or bool(record.deleted) != bool(record.tombstones):
        raise ValueError(f"{record.deleted} deleted documents of {record.documents}, with the tombstones {record.tombstones!r}")
    return record


def is_part_name(name: str) -> bool:
    """Whether a part can have the name: it becomes a folder's."""
    return bool(name) and not name.startswith(".") and all(letter.isalnum() or letter in "-_." for letter in name)


def _part_name(name: str) -> str:
    if not is_part_name(name):
        raise ValueError(f"{name!r} is no name of a part")
    return name


def _part(part: Mapping[str, Any]) -> PartRecord:
    folders = {_text(name): _text(folder) for name, folder in part["folders"].items()}
    known = _text(part["kind"]), _text(part["space"]), _text(part["fingerprint"])
    return PartRecord(*known, dict(part["parameters"]), folders, _text(part.get("trained", "")))


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62:
        raise ValueError(f"{value!r} is no count")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
