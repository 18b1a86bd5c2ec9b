"""A collection on disk as a reader sees it: one snapshot of text and parts that no writer can change under it."""

import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from irloom.core.errors import BadValue, CollectionError, Corrupt, Locked, UnknownDocument, UnknownName
from irloom.core.files import FileLock, short_hash
from irloom.core.types import Document
from irloom.indexing.manifest import Manifest, PartRecord, read_manifest
from irloom.indexing.parts import DocumentSource, PartView
from irloom.indexing.text_store import TextStore

READERS = "readers"


class Collection:
    """A snapshot of a collection. It is a Corpus; `part` gives what a retriever searches.

    Make one with `Collection.open`. The files of its generation stay until it is closed or forgotten.
    """

    def __init__(self, root: Path, manifest: Manifest, *, lock: FileLock | None) -> None:
        self.root, self.manifest = root, manifest
        self._lock = lock
        self._closer = weakref.finalize(self, lock.release) if lock else None
        (self._segment,) = manifest.segments
        folder = root / "segments" / self._segment
        self._text = TextStore(folder)
        if len(self._text) != manifest.documents:
            raise Corrupt(folder / "ids.bytes", f"{len(self._text)} documents, expected {manifest.documents}")

    @classmethod
    def open(cls, path: str | Path) -> "Collection":
        """Opens the newest generation; checks the size of every file.

        Raises:
            NotACollection: there is none at `path`.
            FormatMismatch: its format is of another version.
            Corrupt: a file is missing or truncated.
        """
        root = Path(path)
        while True:
            manifest = read_manifest(root)
            if len(manifest.segments) != 1:
                raise CollectionError(f"{root} has {len(manifest.segments)} segments; this irloom reads collections of one")
            lock = _hold(root, manifest.generation)
            if read_manifest(root).generation == manifest.generation:
                manifest.check_sizes(root)
                return cls(root, manifest, lock=lock)
            if lock is not None:
                lock.release()

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
        """A hash of the text files' checksums: equal for equal documents in equal order."""
        prefix = f"segments/{self._segment}/"
        own = [f"{name} {record.sha256}" for name, record in sorted(self.manifest.files.items()) if "/" not in name[len(prefix) :]]
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
        folder = self.root / record.folders[self._segment]
        return PartView(name, record.kind, record.space, record.fingerprint, record.parameters, folder, self._text.ids)

    def only_part(self, kind: str) -> PartView:
        """The part of that kind, where there is just one.

        Raises:
            UnknownName: no part is of that kind.
            BadValue: several are.
        """
        names = [name for name, record in self.parts.items() if record.kind == kind]
        if not names:
            raise UnknownName("kind of part", kind, {record.kind for record in self.parts.values()}, where=str(self.root))
        if len(names) > 1:
            raise BadValue("part", None, f"one of {', '.join(sorted(names))}, since {self.root} has several of kind {kind!r}")
        return self.part(names[0])

    def documents(self) -> DocumentSource:
        """All documents, in the order of their positions."""
        return self._text

    def missing(self, doc_ids: Sequence[str]) -> list[str]:
        """Those of the ids that no document has, in their order."""
        positions = self._text.ids.positions(doc_ids)
        return [doc_ids[place] for place in np.flatnonzero(positions < 0).tolist()]

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        """The documents of those ids, in that order.

        Raises:
            UnknownDocument: an id is not there.
        """
        positions = self._text.ids.positions(doc_ids)
        missing = np.flatnonzero(positions < 0)
        if len(missing):
            raise UnknownDocument(doc_ids[int(missing[0])], where=str(self.root))
        return self._text.documents(positions)


def _hold(root: Path, generation: int) -> FileLock | None:
    """A shared lock on the generation; None where the folder is read-only."""
    try:
        (root / READERS).mkdir(exist_ok=True)
        lock = FileLock(root / READERS / str(generation))
        lock.acquire(shared=True)
    except (OSError, Locked):  # read-only, or a writer is just looking whether anyone reads this generation
        return None
    return lock
