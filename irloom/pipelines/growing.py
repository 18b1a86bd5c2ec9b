"""A collection that grows: documents are added, replaced and deleted, text and every part in one commit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from irloom.core.errors import BadValue, UnknownDocument
from irloom.core.files import Progress, no_progress
from irloom.core.types import Document, Json
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import read_manifest
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.builders import EncoderChoice, builders_of
from irloom.pipelines.duplicates import Duplicate
from irloom.pipelines.intake import NearDuplicates, take_in
from irloom.pipelines.notices import with_empty_counted


@dataclass(frozen=True, slots=True)
class Grown:
    """What a change of a collection did.

    Attributes:
        path: the collection.
        documents: how many it holds now.
        segments: in how many pieces they lie.
        added, replaced, deleted, unchanged: how many of the documents named were new, took the place of another, went, or stayed.
        duplicates: those that are near-duplicates of others, where they were looked for.
        folded: how many of these were not indexed.
    """

    path: Path
    documents: int
    segments: int
    added: int = 0
    replaced: int = 0
    deleted: int = 0
    unchanged: int = 0
    duplicates: tuple[Duplicate, ...] = ()
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Compacted:
    """What compacting did.

    Attributes:
        path: the collection.
        documents: how many it holds.
        merged: how many segments became one; 0 where there was nothing to do.
        dropped: how many deleted documents went.
        bytes_before, bytes: the size of its files before and now.
    """

    path: Path
    documents: int
    merged: int
    dropped: int
    bytes_before: int
    bytes: int


def add(
    path: str | Path,
    documents: str | Path | Dataset | Iterable[Document],
    *,
    encoders: Mapping[str, EncoderChoice] | None = None,
    duplicates: NearDuplicates | None = None,
    memory: int | None = None,
    progress: Progress = no_progress,
) -> Grown:
    """Adds documents with new ids to a collection.

    Args:
        path: the collection.
        documents: a dataset, its name or path, or the documents themselves.
        encoders: of dense parts, by the part's name; the model that the part names is taken where none is given.
        duplicates: what is done with near-duplicates of documents that are there or come; None to look for none.
        memory: bytes that a build may take, besides what Python and its libraries do; None for the usual.
        progress: called as it goes.

    Raises:
        NotACollection: there is none at `path`.
        DuplicateDocument: an id is there already, or occurs twice; nothing was added.
        DataError: the documents cannot be read, or there is none.
        CollectionError: the encoder of a part is not known.
        Locked: another process writes to it.
    """
    return _grow(path, documents, replacing=False, encoders=encoders, near=duplicates, memory=memory, progress=progress)


def update(
    path: str | Path,
    documents: str | Path | Dataset | Iterable[Document],
    *,
    encoders: Mapping[str, EncoderChoice] | None = None,
    duplicates: NearDuplicates | None = None,
    memory: int | None = None,
    progress: Progress = no_progress,
) -> Grown:
    """Puts documents in the place of those that have their ids, and adds those whose ids are new; one commit, arguments as of `add`.

    Raises:
        NotACollection: there is none at `path`.
        DuplicateDocument: an id occurs twice; nothing was changed.
        DataError: the documents cannot be read, or there is none.
        CollectionError: the encoder of a part is not known.
        Locked: another process writes to it.
    """
    return _grow(path, documents, replacing=True, encoders=encoders, near=duplicates, memory=memory, progress=progress)


def delete(path: str | Path, doc_ids: Iterable[str], *, missing: str = "error", progress: Progress = no_progress) -> Grown:
    """Deletes documents by id.

    Args:
        path: the collection.
        doc_ids: one given twice counts once.
        missing: "error", or "ignore" for ids that no document has.
        progress: called as it goes.

    Raises:
        NotACollection: there is none at `path`.
        UnknownDocument: an id is not there; nothing was deleted.
        BadValue: an id is no text.
        Locked: another process writes to it.
    """
    if isinstance(doc_ids, str):
        raise BadValue("doc_ids", doc_ids, "a list of ids, not one text")
    doc_ids = _texts(doc_ids)
    if missing not in ("error", "ignore"):
        raise BadValue("missing", missing, "'error' or 'ignore'")
    with open_for_growth(path, progress) as writer:
        if missing == "error":
            _refuse_unknown(writer.root, doc_ids)
        deleted = writer.delete(doc_ids, missing="ignore")
        if deleted:
            writer.set_source(_changed(writer.manifest.source))
            writer.commit()
        return grown(writer, deleted=deleted, unchanged=len(set(doc_ids)) - deleted)


def compact(path: str | Path, *, progress: Progress = no_progress) -> Compacted:
    """Merges all segments into one, without the deleted documents.

    Raises:
        NotACollection: there is none at `path`.
        CollectionError: nothing merges parts of a kind.
        Locked: another process writes to it.
    """
    with open_for_growth(path, progress) as writer:
        before = writer.manifest
        merged = writer.compact()
        if merged:
            writer.commit()
        sizes = [sum(record.bytes for record in manifest.files.values()) for manifest in (before, writer.manifest)]
        dropped = before.positions - before.documents
        return Compacted(writer.root, before.documents, len(before.segments) if merged else 0, dropped, *sizes)


def _grow(
    path: str | Path,
    documents: str | Path | Dataset | Iterable[Document],
    *,
    replacing: bool,
    encoders: Mapping[str, EncoderChoice] | None,
    near: NearDuplicates | None,
    memory: int | None,
    progress: Progress,
) -> Grown:
    read_manifest(Path(path))  # what is no collection is told before a dataset is fetched
    name, stream = _documents(documents, progress)
    with open_for_growth(path, progress) as writer:
        builders = builders_of(writer.root, writer.manifest.parts, encoders=encoders, memory=memory)
        counted = with_empty_counted(stream, where=name)
        taken = take_in(writer, counted, builders, replacing=replacing, near=near, progress=progress)
        writer.set_source(_changed(writer.manifest.source))
        writer.commit()
        folded = len(taken.duplicates) if near is not None and near.action == "fold" else 0
        return replace(grown(writer, added=taken.added, replaced=taken.replaced), duplicates=taken.duplicates, folded=folded)


def open_for_growth(path: str | Path, progress: Progress) -> CollectionWriter:
    """The writer of a collection that is there: what is none is not made one."""
    read_manifest(Path(path))
    return CollectionWriter(path, progress=progress)


def _documents(documents: str | Path | Dataset | Iterable[Document], progress: Progress) -> tuple[str, Iterable[Document]]:
    """What to call them in messages, and the documents."""
    if isinstance(documents, str | Path):
        documents = load_dataset(documents, progress=progress)
    if isinstance(documents, Dataset):
        return f"dataset {documents.name!r}", documents.documents()
    return "the documents", _checked(documents)


def _checked(documents: Iterable[Document]) -> Iterator[Document]:
    for number, document in enumerate(documents):
        if not isinstance(document, Document):
            raise BadValue(f"documents[{number}]", document, "a Document, with an id")
        yield document


def _texts(doc_ids: Iterable[object]) -> list[str]:
    texts: list[str] = []
    for doc_id in doc_ids:
        if not isinstance(doc_id, str):
            raise BadValue("an id of doc_ids", doc_id, "a text")
        texts.append(doc_id)
    return texts


def _refuse_unknown(root: Path, doc_ids: Sequence[str]) -> None:
    with Collection.open(root) as collection:
        absent = collection.missing(doc_ids)
    if absent:
        count = f"{len(absent):,} of {len(doc_ids):,} ids are not there"
        raise UnknownDocument(absent[0], where=str(root), advice=f"{count}; nothing was deleted")


def _changed(source: Mapping[str, Json]) -> dict[str, Json]:
    """What the manifest says of the source once the documents are no longer those of one dataset."""
    return {**{key: value for key, value in source.items() if key != "fingerprint"}, "changed": True}


def grown(writer: CollectionWriter, *, added: int = 0, replaced: int = 0, deleted: int = 0, unchanged: int = 0) -> Grown:
    """What was done, with what the collection holds now."""
    manifest = writer.manifest
    return Grown(writer.root, manifest.documents, len(manifest.segments), added, replaced, deleted, unchanged)
