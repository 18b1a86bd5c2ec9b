"""The writer of a collection: new files beside the old, then one manifest that commits text and parts together."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import (
    BadValue,
    CollectionError,
    DuplicateDocument,
    SpaceMismatch,
    UnknownDocument,
    UnknownName,
)
from irloom.core.files import Progress, fsync_folder, make_folder, map_array, no_progress, remove_tree, write_array
from irloom.core.types import Document, Json
from irloom.indexing.claim import Claim
from irloom.indexing.cleaning import clean
from irloom.indexing.collection import Segment, ids_of, open_segments
from irloom.indexing.manifest import (
    DELETED,
    NAME,
    RANKS,
    SEGMENTS,
    TRAINED,
    Manifest,
    PartRecord,
    SegmentRecord,
    is_part_name,
    read_manifest,
)
from irloom.indexing.merging import merge_of
from irloom.indexing.parts import MergePart, PartBuilder
from irloom.indexing.ranking import joined_ranks
from irloom.indexing.readers import offer
from irloom.indexing.staging import WORK, StagedPart, build_over, merge_into, work_folder
from irloom.indexing.text_store import TextStore, merge_text, write_documents
from irloom.indexing.tombstones import write_tombstones

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: how many documents are new, and how many took the place of another."""

    added: int
    replaced: int


class CollectionWriter:
    """One writer at a time, held by an OS lock; nothing is seen by readers before `commit`.

    Use it as a context manager. Leaving it without a commit, by an error or a kill, leaves the old state; what
    was staged is removed at once or by the next writer, and finished shards under `work/` are kept for it.

    Attributes:
        manifest: the committed generation with what is staged.

    Raises:
        Locked: another process writes.
        NotACollection: the folder holds other things.
        Corrupt: a file of the collection's own is a link, or the manifest is damaged.
    """

    def __init__(self, path: str | Path, *, progress: Progress = no_progress) -> None:
        self.root, self._progress = Path(path).absolute(), progress
        self._is_left = False
        self._claim = Claim(self.root)
        try:
            self._reload()
            clean(self.root, self._committed)
        except BaseException:
            self._claim.leave()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._reload()  # not from memory: an error after the swap of the manifest comes too late to undo it
            clean(self.root, self._committed)
        finally:
            self._is_left = True
            self._claim.leave()

    def _check_held(self) -> None:
        if self._is_left:
            raise CollectionError(f"this writer of {self.root} was left, and its lock with it; make another one")

    def _reload(self) -> None:
        self.manifest = self._committed = read_manifest(self.root) if (self.root / NAME).exists() else Manifest()
        self._lives: dict[str, Mask] = {}  # of the segments whose tombstones changed since the last commit

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """What fails half-way stages nothing, so that a commit after it has nothing half-made in it."""
        self._check_held()
        manifest, lives = self.manifest, dict(self._lives)
        try:
            yield
        except BaseException:
            self.manifest, self._lives = manifest, lives
            raise

    def segments(self) -> list[Segment]:
        """The segments with what is staged, for reading."""
        self._check_held()
        known = {name: record for name, record in self.manifest.segments.items() if name not in self._lives}
        bare = {name: replace(record, deleted=0, tombstones="") for name, record in self.manifest.segments.items()}
        opened = open_segments(self.root, replace(self.manifest, segments={**bare, **known}))
        return [replace(segment, live=self._lives.get(segment.name, segment.live)) for segment in opened]

    def write_documents(self, documents: Iterable[Document], *, source: Mapping[str, Json] | None = None) -> int:
        """Stages the text of a new collection and returns the number of documents.

        Raises:
            CollectionError: the collection has documents already.
            DuplicateDocument: an id occurs twice.
            DataError: there is no document, or one without an id.
        """
        if self.manifest.segments:
            raise CollectionError(f"{self.root} holds documents already; index into another folder")
        with self._all_or_nothing():
            name = self._write_segment(documents)
            self.set_source(source or {})
        return self.manifest.segments[name].documents

    def add(self, documents: Iterable[Document], builders: Mapping[str, PartBuilder]) -> int:
        """Stages documents with new ids, and every part over them; returns their number.

        Args:
            documents: one or more.
            builders: of every part, by its name.

        Raises:
            DuplicateDocument: an id is there already, or occurs twice.
            DataError: there is no document, or one without an id.
            CollectionError: a part has no builder.
            SpaceMismatch: a builder makes another space than the part's.
        """
        self._check_builders(builders)
        before = ids_of(self.segments())
        with self._all_or_nothing():
            name = self._write_segment(documents)
            for ids, positions in before.matches(self._text(name).ids):
                there = np.flatnonzero(positions >= 0)
                if len(there):
                    raise DuplicateDocument(ids[int(there[0])], where=str(self.root), found="is there already; update replaces documents")
            self._build_parts(name, builders)
        return self.manifest.segments[name].documents

    def update(self, documents: Iterable[Document], builders: Mapping[str, PartBuilder]) -> Updated:
        """Stages documents in the place of those that have their ids, and as new ones where none has.

        Raises:
            DuplicateDocument: an id occurs twice.
            DataError: there is no document, or one without an id.
            CollectionError: a part has no builder.
            SpaceMismatch: a builder makes another space than the part's.
        """
        self._check_builders(builders)
        before = self.segments()
        with self._all_or_nothing():
            name = self._write_segment(documents)
            matches = ids_of(before).matches(self._text(name).ids)
            replaced = sum(self._bury(before, positions[positions >= 0]) for _, positions in matches)
            self._build_parts(name, builders)
        return Updated(self.manifest.segments[name].documents - replaced, replaced)

    def delete(self, doc_ids: Sequence[str], *, missing: Literal["error", "ignore"] = "error") -> int:
        """Stages the removal of documents and returns their number.

        Args:
            doc_ids: one given twice counts once.
            missing: what happens with ids that no document has.

        Raises:
            UnknownDocument: an id is not there.
            BadValue: `missing` is neither.
        """
        if missing not in ("error", "ignore"):
            raise BadValue("missing", missing, "'error' or 'ignore'")
        segments = self.segments()
        positions = ids_of(segments).positions(doc_ids)
        absent = np.flatnonzero(positions < 0)
        if len(absent) and missing == "error":
            raise UnknownDocument(doc_ids[int(absent[0])], where=str(self.root))
        return self._bury(segments, positions[positions >= 0])

    def set_source(self, source: Mapping[str, Json]) -> None:
        """Stages what the manifest says of where the documents came from."""
        self.manifest = replace(self.manifest, source=dict(source))

    def build(self, name: str, builder: PartBuilder) -> None:
        """Stages a part over the documents of every segment; it takes the place of one of the same name.

        Raises:
            BadValue: the name cannot be a folder's.
            CollectionError: there are no documents.
        """
        if not is_part_name(name):
            raise BadValue("part", name, "letters, digits, '-', '_' and '.', not starting with '.'")
        if not self.manifest.segments:
            raise CollectionError(f"{self.root} holds no documents yet; write them first")
        with self._all_or_nothing():
            if name in self.manifest.parts:
                self.drop(name)
            record = PartRecord(builder.kind, builder.space, builder.fingerprint, builder.parameters, {})
            for segment in self.manifest.segments:
                staged = build_over(self.root, name, record, builder, segment, progress=self._progress)
                self._stage(name, staged)
                record = staged.record

    def drop(self, name: str) -> None:
        """Stages the removal of a part.

        Raises:
            UnknownName: there is none of that name.
        """
        self._check_part(name)
        parts = dict(self.manifest.parts)
        record = parts.pop(name)
        self.manifest = replace(self.manifest.without_files(*record.all_folders), parts=parts)

    def swap(self, old: str, new: str) -> None:
        """Stages that part `new` takes the name `old`, whose part goes.

        Raises:
            UnknownName: one of them is not there.
            BadValue: they are the same.
        """
        self._check_part(new)
        if old == new:
            raise BadValue("new", new, f"another part than {old!r}")
        self.drop(old)
        parts = dict(self.manifest.parts)
        parts[old] = parts.pop(new)
        self.manifest = replace(self.manifest, parts=parts)

    def compact(self, *, merges: Mapping[str, MergePart] | None = None) -> bool:
        """Stages one segment in the place of all, without the deleted documents; False where that is so already.

        What is merged is read once before, to compare its checksums: new ones would make damage look sound for ever.

        Args:
            merges: by kind, what merges parts of kinds that irloom does not know.

        Raises:
            CollectionError: nothing merges parts of a kind.
            Corrupt: a file that is to be merged is missing or its content has changed.
        """
        self._check_held()
        is_whole = not self._lives and not any(record.tombstones for record in self.manifest.segments.values())
        if len(self.manifest.segments) <= 1 and is_whole:
            return False
        known = {record.kind: (merges or {}).get(record.kind) or merge_of(record.kind) for record in self.manifest.parts.values()}
        self.manifest.check_content(self.root, within=(SEGMENTS, TRAINED, DELETED), progress=self._progress)
        segments = self.segments()
        kept = [segment for segment in segments if segment.live is None or segment.live.any()]
        with self._all_or_nothing():
            self._merge(kept, known)
        return True

    def _merge(self, kept: Sequence[Segment], merges: Mapping[str, MergePart]) -> None:
        parts = self.manifest.parts
        self.manifest = replace(self.manifest, segments={}).without_files(SEGMENTS, DELETED)
        self._lives = {}
        if not kept:
            self.manifest = replace(self.manifest, parts={name: replace(record, folders={}) for name, record in parts.items()})
            return
        segment, folder = self._new_segment()
        count = merge_text([(source.folder, source.live) for source in kept], folder, self._progress)
        fsync_folder(folder)
        self.manifest = replace(self.manifest, segments={segment: SegmentRecord(count)}).with_files(self.root, folder)
        for name, record in parts.items():
            self._stage(name, merge_into(self.root, name, record, kept, segment, merges[record.kind], progress=self._progress))
            if record.trained and record.trained != self.manifest.parts[name].trained:
                self.manifest = self.manifest.without_files(record.trained)

    def commit(self) -> None:
        """Makes all that was staged visible in one step."""
        self._check_held()
        generation = self._committed.generation + 1
        self._write_tombstones(generation)
        self._write_ranks(generation)
        staged = replace(self.manifest, generation=generation)
        new = {self.root / name for name in staged.files.keys() - self._committed.files.keys()}
        for folder in {parent for path in new for parent in path.parents if parent.is_relative_to(self.root)} | {self.root}:
            fsync_folder(folder)
        if not self._committed.generation:
            fsync_folder(self.root.absolute().parent)
        offer(self.root, generation)
        staged.write(self.root)
        self._reload()
        remove_tree(self.root / WORK)
        clean(self.root, self._committed)

    def _write_tombstones(self, generation: int) -> None:
        for name, live in self._lives.items():
            record = self.manifest.segments[name]
            path = f"{DELETED}/{name}.{generation}.npy"
            make_folder(self.root / DELETED, exist_ok=True)
            write_tombstones(self.root / path, live)
            kept = self.manifest.without_files(record.tombstones) if record.tombstones else self.manifest
            segments = {**kept.segments, name: SegmentRecord(record.documents, record.documents - int(live.sum()), path)}
            self.manifest = replace(kept, segments=segments).with_files(self.root, self.root / path)

    def _write_ranks(self, generation: int) -> None:
        names, old = list(self.manifest.segments), list(self._committed.segments)
        if self.manifest.ranks and names == old:
            return
        kept = self.manifest.without_files(self.manifest.ranks) if self.manifest.ranks else self.manifest
        self.manifest = replace(kept, ranks="")
        if len(names) > 1:
            is_longer = len(old) > 1 and names[: len(old)] == old
            known = map_array(self.root / self._committed.ranks, dtype=np.int32) if is_longer else None
            path = f"{RANKS}/{generation}.npy"
            make_folder(self.root / RANKS, exist_ok=True)
            write_array(self.root / path, joined_ranks([self._text(name).ids for name in names], known=known))
            self.manifest = replace(self.manifest, ranks=path).with_files(self.root, self.root / path)

    def _write_segment(self, documents: Iterable[Document]) -> str:
        """Stages the text of a new segment and returns its name."""
        name, folder = self._new_segment()
        count = write_documents(folder, documents, self._progress, work=work_folder(self.root, ".text"))
        fsync_folder(folder)
        segments = {**self.manifest.segments, name: SegmentRecord(count)}
        self.manifest = replace(self.manifest, segments=segments).with_files(self.root, folder)
        return name

    def _new_segment(self) -> tuple[str, Path]:
        """A name that no segment has, on the disk or in the manifest, and its folder."""
        base = self.root / SEGMENTS
        make_folder(base, exist_ok=True)
        taken = {entry.name for entry in base.iterdir()} | set(self.manifest.segments) | set(self._committed.segments)
        name = str(max((int(other) for other in taken if other.isdecimal()), default=-1) + 1)
        make_folder(base / name)
        return name, base / name

    def _build_parts(self, segment: str, builders: Mapping[str, PartBuilder]) -> None:
        for name, record in self.manifest.parts.items():
            self._stage(name, build_over(self.root, name, record, builders[name], segment, progress=self._progress))

    def _stage(self, name: str, staged: StagedPart) -> None:
        parts = {**self.manifest.parts, name: staged.record}
        self.manifest = replace(self.manifest, parts=parts).with_files(self.root, *staged.folders)

    def _bury(self, segments: Sequence[Segment], positions: NDArray[np.int64]) -> int:
        """Stages tombstones at positions of live documents and returns how many are new."""
        count = 0
        for segment in segments:
            inside = np.unique(positions[(positions >= segment.base) & (positions < segment.base + len(segment))]) - segment.base
            if len(inside):
                before = self._lives.get(segment.name, segment.live)
                live = np.ones(len(segment), np.bool_) if before is None else before.copy()
                count += int(live[inside].sum())
                live[inside] = False
                self._lives[segment.name] = live
        return count

    def _text(self, segment: str) -> TextStore:
        return TextStore(self.root / SEGMENTS / segment)

    def _check_part(self, name: str) -> None:
        if name not in self.manifest.parts:
            raise UnknownName("part", name, self.manifest.parts, where=str(self.root))

    def _check_builders(self, builders: Mapping[str, PartBuilder]) -> None:
        missing = sorted(self.manifest.parts.keys() - builders.keys())
        if missing:
            raise CollectionError(
                f"{self.root} has the part {missing[0]!r}, and no builder of it was given; name its encoder, or drop the part"
            )
        for name, record in self.manifest.parts.items():
            if builders[name].space != record.space:
                raise SpaceMismatch(name, asked=builders[name].space, found=record.space)
            if builders[name].fingerprint != record.fingerprint:
                logger.warning("part %r was built as %s, and is added to as %s", name, record.fingerprint, builders[name].fingerprint)
