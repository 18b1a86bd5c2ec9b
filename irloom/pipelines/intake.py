"""The way of documents into a collection that grows: as they come, or compared first, so that near-duplicates are told or folded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from irloom.core.errors import BadValue, DuplicateDocument
from irloom.core.files import Progress
from irloom.core.types import Document
from irloom.indexing.collection import Collection, part_segment
from irloom.indexing.minhash_part import KIND, MinHashIndex, MinHashPart
from irloom.indexing.parts import PartBuilder
from irloom.indexing.text_store import TextStore
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.duplicates import ACTIONS, THRESHOLD, Duplicate, Present, find_duplicates, originals, set_aside, without_folded

_AT_A_TIME = 1 << 16


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """What is done with near-duplicates.

    Attributes:
        action: "report", or "fold" for not to index them.
        similarity: from which on documents count as such; None for that of the collection's part, else 0.8.

    Raises:
        BadValue: an action that is neither, or a similarity out of its range.
    """

    action: str
    similarity: float | None = None

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise BadValue("duplicates", self.action, f"one of {', '.join(ACTIONS)}")
        if self.similarity is not None and not 0 < self.similarity <= 1:
            raise BadValue("similarity", self.similarity, "above 0, at most 1")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of documents: how many are new, how many took the place of another, and which are near-duplicates of others."""

    added: int
    replaced: int
    duplicates: tuple[Duplicate, ...] = ()


def take_in(
    writer: CollectionWriter,
    documents: Iterable[Document],
    builders: Mapping[str, PartBuilder],
    *,
    replacing: bool,
    near: NearDuplicates | None,
    progress: Progress,
) -> Taken:
    """Stages documents, and every part over them.

    Args:
        writer: of the collection.
        documents: what comes.
        builders: of every part, by its name.
        replacing: whether documents may have ids that are there, whose place they take.
        near: what is done with near-duplicates; None to look for none.
        progress: called as it goes.

    Raises:
        DuplicateDocument: an id occurs twice, or is there and nothing may be replaced.
        DataError: there is no document, or one without an id.
        BadValue: the collection compares from another similarity on.
    """
    if near is not None:
        with set_aside(writer.root, documents, progress) as incoming, Collection.open(writer.root) as collection:
            return _compared(writer, incoming, collection, builders, replacing=replacing, near=near, progress=progress)
    if replacing:
        updated = writer.update(documents, builders)
        return Taken(updated.added, updated.replaced)
    return Taken(writer.add(documents, builders), 0)


def near_part(parts: Mapping[str, PartBuilder], near: NearDuplicates, *, root: Path) -> tuple[str, MinHashPart]:
    """The part that finds near-duplicates among some parts, or a new one.

    Raises:
        BadValue: the part compares from another similarity on than the one asked for.
    """
    for name, builder in parts.items():
        if isinstance(builder, MinHashPart):
            if near.similarity not in (None, builder.threshold):
                raise BadValue("similarity", near.similarity, f"{builder.threshold}, from which on part {name!r} of {root} compares")
            return name, builder
    return KIND, MinHashPart(threshold=THRESHOLD if near.similarity is None else near.similarity)


def _compared(
    writer: CollectionWriter,
    incoming: TextStore,
    collection: Collection,
    builders: Mapping[str, PartBuilder],
    *,
    replacing: bool,
    near: NearDuplicates,
    progress: Progress,
) -> Taken:
    name, part = near_part(builders, near, root=writer.root)
    builders = {**builders, name: part}
    replaced = np.zeros(len(collection.ids), np.bool_)
    for start in range(0, len(incoming), _AT_A_TIME):
        ids = incoming.ids.ids(np.arange(start, min(start + _AT_A_TIME, len(incoming)), dtype=np.int64))
        positions = collection.ids.positions(ids)
        if not replacing and (positions >= 0).any():
            there = ids[int(np.flatnonzero(positions >= 0)[0])]
            raise DuplicateDocument(there, where=str(writer.root), found="is there already; update replaces documents")
        replaced[positions[positions >= 0]] = True
    new = name not in writer.manifest.parts
    if new and collection.segments:
        writer.build(name, part)
    present = None
    if collection.segments:
        record = writer.manifest.parts[name]
        index = MinHashIndex([part_segment(writer.root, record, segment) for segment in collection.segments])
        present = Present(collection, index, replaced)
    found = find_duplicates(incoming, part, present=present, work=writer.root / "work" / name, progress=progress)
    taken = _fold(writer, incoming, present, builders, found) if near.action == "fold" else _keep(writer, incoming, builders, found)
    if new and not collection.segments and writer.manifest.segments:
        writer.build(name, part)
    return taken


def _keep(writer: CollectionWriter, incoming: TextStore, builders: Mapping[str, PartBuilder], found: list[Duplicate]) -> Taken:
    updated = writer.update(incoming, builders)
    return Taken(updated.added, updated.replaced, tuple(found))


def _fold(
    writer: CollectionWriter, incoming: TextStore, present: Present | None, builders: Mapping[str, PartBuilder], found: list[Duplicate]
) -> Taken:
    """Stages the documents that stay, those that now stand for others, and the removal of those that were there and are folded now."""
    standing = originals(present, found) if present is not None else []
    if present is not None and standing:
        builders = _keeping(builders, present.collection, [document.id for document in standing])
    documents = chain(without_folded(incoming, found), standing)
    first = next(documents, None)
    updated = writer.update(chain([first], documents), builders) if first is not None else None
    deleted = writer.delete([duplicate.id for duplicate in found], missing="ignore")
    added, replaced = (updated.added, updated.replaced - len(standing)) if updated is not None else (0, 0)
    return Taken(added, replaced + deleted, tuple(found))


def _keeping(builders: Mapping[str, PartBuilder], collection: Collection, doc_ids: list[str]) -> dict[str, PartBuilder]:
    """Builders that take the vectors of documents whose texts stay from the parts as they are."""
    from irloom.indexing.dense_part import DensePart
    from irloom.pipelines.kept_vectors import keeping

    return {
        name: keeping(builder, collection, name, doc_ids) if isinstance(builder, DensePart) else builder
        for name, builder in builders.items()
    }
