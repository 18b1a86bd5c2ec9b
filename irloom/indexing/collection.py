"""A collection on disk as a reader sees it: one snapshot of text and parts that no writer can change under it."""

import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import BadValue, Corrupt, UnknownDocument, UnknownName
from irloom.core.files import map_array, short_hash
from irloom.core.locks import FileLock
from irloom.core.types import Document
from irloom.indexing.manifest import SEGMENTS, Manifest, PartRecord
from irloom.indexing.parts import DocumentSource, PartSegment, PartView, is_shadow
from irloom.indexing.readers import hold_newest
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.text_store import TextStore
from irloom.indexing.tombstones import read_live

_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a snapshot.

    Attributes:
        name: its name in the manifest.
        base: the position of its first document.
        folder: where it lies.
        text: its documents, deleted ones too.
        live: bool (documents,), which are not deleted; None where none is.
    """

    name: str
    base: int
    folder: Path
    text: TextStore
    live: Mask | None

    def __len__(self) -> int:
        return len(self.text)


class Collection:
    """A snapshot of a collection. It is a Corpus; `part` gives what a retriever searches.

    Make one with `Collection.open`. The files of its generation stay until it is closed or forgotten. Positions count the documents of
    all segments, deleted ones too; its length is the number of documents that are not deleted.
    """

    def __init__(self, root: Path, manifest: Manifest, *, lock: FileLock | None) -> None:
        self.root, self.manifest = root, manifest
        self._lock = lock
        self._closer = weakref.finalize(self, lock.release) if lock else None
        self.segments = tuple(_segments(root, manifest))
        self.ids = _snapshot_ids(root, manifest, self.segments)

    @classmethod
    def open(cls, path: str | Path) -> "Collection":
        """Opens the newest generation; checks the size of every file.

        Raises:
            NotACollection: there is none at `path`.
            FormatMismatch: its format is of a version that is not known yet.
            Corrupt: a file is missing or truncated.
        """
        root = Path(path).absolute()
        manifest, lock = hold_newest(root)
        try:
            manifest.check_sizes(root)
            return cls(root, manifest, lock=lock)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def close(self) -> None:
        """Lets go of the snapshot; its files may then be removed by a writer."""
        if self._closer is not None:
            self._closer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self.manifest.documents

    @property
    def fingerprint(self) -> str:
        """A hash of the checksums of text and tombstones: equal for equal documents in equal segments."""
        own: list[str] = []
        for name, record in self.manifest.segments.items():
            prefix = f"{SEGMENTS}/{name}/"
            files = sorted((path[len(prefix) :], file.sha256) for path, file in self.manifest.files.items() if path.startswith(prefix))
            own += [f"{SEGMENTS}/{place}/{path} {sha256}" for place in [name] for path, sha256 in files if "/" not in path]
            if record.tombstones:
                own.append(self.manifest.files[record.tombstones].sha256)
        return short_hash("collection", *own)

    @property
    def parts(self) -> Mapping[str, PartRecord]:
        """What the manifest says of each part."""
        return self.manifest.parts

    def part(self, name: str) -> PartView:
        """The part of that name.

        Raises:
            UnknownName: there is none.
        """
        record = self.parts.get(name)
        if record is None:
            raise UnknownName("part", name, self.parts, where=str(self.root))
        segments = tuple(part_segment(self.root, record, segment) for segment in self.segments)
        trained = self.root / record.trained if record.trained else None
        return PartView(name, record.kind, record.space, record.fingerprint, record.parameters, segments, self.ids, trained)

    def only_part(self, kind: str) -> PartView:
        """The part of that kind, where there is just one; a shadow of another part does not count.

        Raises:
            UnknownName: no part is of that kind.
            BadValue: several are.
        """
        names = [name for name, record in self.parts.items() if record.kind == kind and not is_shadow(name, self.parts)]
        if not names:
            raise UnknownName("kind of part", kind, {record.kind for record in self.parts.values()}, where=str(self.root))
        if len(names) > 1:
            raise BadValue("part", None, f"one of {', '.join(sorted(names))}, since {self.root} has several of kind {kind!r}")
        return self.part(names[0])

    def documents(self) -> DocumentSource:
        """All documents that are not deleted, in the order of their positions."""
        return LiveDocuments(self.segments)

    def missing(self, doc_ids: Sequence[str]) -> list[str]:
        """Those of the ids that no document has, in their order."""
        positions = self.ids.positions(doc_ids)
        return [doc_ids[place] for place in np.flatnonzero(positions < 0).tolist()]

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        """The documents of those ids, in that order.

        Raises:
            UnknownDocument: an id is not there.
        """
        positions = self.ids.positions(doc_ids)
        missing = np.flatnonzero(positions < 0)
        if len(missing):
            raise UnknownDocument(doc_ids[int(missing[0])], where=str(self.root))
        owners = np.searchsorted(self.ids.bases, positions, side="right") - 1
        found: dict[int, Document] = {}
        for number in np.unique(owners).tolist():
            places, segment = np.flatnonzero(owners == number), self.segments[number]
            found.update(zip(places.tolist(), segment.text.documents(positions[places] - segment.base), strict=True))
        return [found[place] for place in range(len(doc_ids))]


class LiveDocuments:
    """The documents of some segments that are not deleted, in order: a DocumentSource."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments

    def __len__(self) -> int:
        return sum(len(segment) if segment.live is None else int(segment.live.sum()) for segment in self._segments)

    def __iter__(self) -> Iterator[Document]:
        for segment in self._segments:
            if segment.live is None:
                yield from segment.text
                continue
            places = np.flatnonzero(segment.live).astype(np.int64)
            for start in range(0, len(places), _EVERY):
                yield from segment.text.documents(places[start : start + _EVERY])


def part_segment(root: Path, record: PartRecord, segment: Segment) -> PartSegment:
    """A part's files over a segment."""
    return PartSegment(root / record.folders[segment.name], segment.base, len(segment), segment.live)


def open_segments(root: Path, manifest: Manifest) -> list[Segment]:
    """The segments of a manifest, for reading.

    Raises:
        Corrupt: their files do not fit the manifest.
    """
    return list(_segments(root, manifest))


def ids_of(segments: Sequence[Segment], *, rank: NDArray[np.int32] | None = None, where: Path = Path()) -> SnapshotIds:
    """The ids of segments; their ranks are reckoned when they are asked for, where they are not given."""
    return SnapshotIds([segment.text.ids for segment in segments], lives=[segment.live for segment in segments], rank=rank, where=where)


def _segments(root: Path, manifest: Manifest) -> Iterator[Segment]:
    base = 0
    for name, record in manifest.segments.items():
        folder = root / SEGMENTS / name
        text = TextStore(folder)
        if len(text) != record.documents:
            raise Corrupt(folder / "ids.bytes", f"{len(text)} documents, expected {record.documents}")
        live = read_live(root / record.tombstones, record.documents) if record.tombstones else None
        if live is not None and record.documents - int(live.sum()) != record.deleted:
            raise Corrupt(root / record.tombstones, f"{record.documents - int(live.sum())} deleted documents, expected {record.deleted}")
        yield Segment(name, base, folder, text, live)
        base += record.documents


def _snapshot_ids(root: Path, manifest: Manifest, segments: Sequence[Segment]) -> SnapshotIds:
    rank = map_array(root / manifest.ranks, dtype=np.int32) if manifest.ranks else None
    if rank is not None and rank.shape != (manifest.positions,):
        raise Corrupt(root / manifest.ranks, f"the shape {rank.shape}, expected ({manifest.positions},)")
    return ids_of(segments, rank=rank, where=root / (manifest.ranks or SEGMENTS))
