"""The writer of a collection: new files beside the old, then one manifest that commits text and parts together."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from irloom.core.errors import BadValue, CollectionError, Locked, NotACollection, UnknownName
from irloom.core.files import FileLock, Progress, fsync_folder, no_progress, remove_file
from irloom.core.types import Document, Json
from irloom.indexing.collection import READERS
from irloom.indexing.manifest import NAME, Manifest, PartRecord, read_manifest
from irloom.indexing.parts import PartBuilder
from irloom.indexing.text_store import TextStore, write_documents

_OURS = {".lock", "segments", "work", READERS, NAME}
_ELSEWHERE = "name a new folder, or an empty one"


class CollectionWriter:
    """One writer at a time, held by an OS lock; nothing is seen by readers before `commit`.

    Use it as a context manager. Leaving it without a commit, by an error or a kill, leaves the old state; what
    was staged is removed at once or by the next writer, and finished shards under `work/` are kept for it.

    Raises:
        Locked: another process writes.
        NotACollection: the folder holds other things.
    """

    def __init__(self, path: str | Path, *, progress: Progress = no_progress) -> None:
        self.root, self._progress = Path(path), progress
        self._made = not self.root.exists()
        if self.root.exists() and not self.root.is_dir():
            raise NotACollection(self.root, "it is a file", advice=_ELSEWHERE)
        if not self._made:
            strange = sorted(entry.name for entry in self.root.iterdir() if entry.name not in _OURS and not entry.name.startswith("."))
            if strange and not (self.root / NAME).exists():
                raise NotACollection(self.root, f"the folder holds other things, such as {strange[0]!r}", advice=_ELSEWHERE)
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.root / ".lock")
        self._lock.acquire(shared=False)
        try:
            self._reload()
            self._clean()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._reload()  # not from memory: an error after the swap of the manifest comes too late to undo it
            self._clean()
        finally:
            self._lock.release()
            _remove_empty_folders(self.root / "work")
            if not self._committed.segments and not (self.root / "work").exists():
                self._remove_empty()

    def _reload(self) -> None:
        self.manifest = self._committed = read_manifest(self.root) if (self.root / NAME).exists() else Manifest()

    def write_documents(self, documents: Iterable[Document], *, source: Mapping[str, Json] | None = None) -> int:
        """Stages the text of a new collection and returns the number of documents.

        Raises:
            CollectionError: the collection has documents already.
            DuplicateDocument: an id occurs twice.
            DataError: there is no document, or one without an id.
        """
        if self.manifest.segments:
            raise CollectionError(f"{self.root} holds documents already; index into another folder")
        folder = self.root / "segments" / "0"
        folder.mkdir(parents=True)
        count = write_documents(folder, documents, self._progress)
        fsync_folder(folder)
        staged = replace(self.manifest, segments={"0": count}, source=dict(source or {}))
        self.manifest = staged.with_files(self.root, folder)
        return count

    def build(self, name: str, builder: PartBuilder) -> None:
        """Stages a part over the documents; it takes the place of one of the same name.

        Raises:
            BadValue: the name cannot be a folder's.
            CollectionError: there are no documents.
        """
        if not name or not all(letter.isalnum() or letter in "-_." for letter in name) or name.startswith("."):
            raise BadValue("part", name, "letters, digits, '-', '_' and '.', not starting with '.'")
        if not self.manifest.segments:
            raise CollectionError(f"{self.root} holds no documents yet; write them first")
        if name in self.manifest.parts:
            self.drop(name)
        (segment,) = self.manifest.segments
        base = self.root / "segments" / segment
        folder = next(path for number in range(1_000_000) if not (path := base / (f"{name}.{number}" if number else name)).exists())
        folder.mkdir()
        work = self.root / "work" / name
        work.mkdir(parents=True, exist_ok=True)
        builder.build(TextStore(base), folder, work=work, progress=self._progress)
        fsync_folder(folder)
        record = PartRecord(
            builder.kind, builder.space, builder.fingerprint, builder.parameters, {segment: folder.relative_to(self.root).as_posix()}
        )
        self.manifest = replace(self.manifest, parts={**self.manifest.parts, name: record}).with_files(self.root, folder)

    def drop(self, name: str) -> None:
        """Stages the removal of a part.

        Raises:
            UnknownName: there is none of that name.
        """
        if name not in self.manifest.parts:
            raise UnknownName("part", name, self.manifest.parts, where=str(self.root))
        parts = dict(self.manifest.parts)
        prefixes = tuple(f"{folder}/" for folder in parts.pop(name).folders.values())
        files = {path: record for path, record in self.manifest.files.items() if not path.startswith(prefixes)}
        self.manifest = replace(self.manifest, parts=parts, files=files)

    def commit(self) -> None:
        """Makes all that was staged visible in one step."""
        staged = replace(self.manifest, generation=self._committed.generation + 1)
        for folder in {(self.root / name).parent for name in staged.files} | {self.root / "segments", self.root}:
            fsync_folder(folder)
        staged.write(self.root)
        self.manifest = self._committed = staged
        if (self.root / "work").exists():
            shutil.rmtree(self.root / "work")
        self._clean()

    def _clean(self) -> None:
        """Removes what the committed manifest does not name, unless a reader still holds an older generation."""
        if self._older_readers():
            return
        base = self.root / "segments"
        named = {self.root / name for name in self._committed.files}
        for path in base.rglob("*") if base.exists() else ():
            if path not in named and (path.is_symlink() or not path.is_dir()):
                remove_file(path)
        _remove_empty_folders(base)

    def _older_readers(self) -> bool:
        held = False
        readers = self.root / READERS
        for path in sorted(readers.iterdir()) if readers.exists() else ():
            if path.name == str(self._committed.generation):
                continue
            lock = FileLock(path)
            try:
                lock.acquire(shared=False)
            except Locked:
                held = True
                continue
            path.unlink(missing_ok=True)
            lock.release()
        return held

    def _remove_empty(self) -> None:
        """Takes away the folder of a collection that never came to be."""
        remove_file(self.root / ".lock")
        for folder in (self.root / "segments", self.root / READERS, self.root if self._made else None):
            if folder is not None and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _remove_empty_folders(root: Path) -> None:
    """Takes away `root` and the folders under it that hold nothing."""
    for path in [*sorted(root.rglob("*"), reverse=True), root] if root.is_dir() else ():
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
