"""The text of a segment on disk: titles, texts and metadata by position."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import Corrupt, DataError
from irloom.core.files import Progress, make_folder, map_array, map_bytes, open_for_write, remove_tree, write_array
from irloom.core.mapping import drop_pages
from irloom.core.types import EMPTY, Document
from irloom.indexing.checked_documents import checked_documents
from irloom.indexing.column_merge import merge_columns
from irloom.indexing.column_writer import ColumnsWriter, segment_columns
from irloom.indexing.columns import open_columns
from irloom.indexing.content_hash import content_hash
from irloom.indexing.id_table import IdTable, write_ids
from irloom.indexing.strings import blocks, encode, gather, offsets_of, read_only, readable, unpack

EVERY = 1000
"""Documents that are written at a time."""
COLUMN_BLOCKS = 128
"""After so many of these the metadata columns go to the disk, so that memory holds those of 128,000 documents at most."""
BLOCK_BYTES = 1 << 23
"""Bytes of text that are read at a time, unless one document has more."""


def write_documents(folder: Path, documents: Iterable[Document], progress: Progress, *, work: Path) -> int:
    """Streams documents into `folder` and returns their number.

    Args:
        folder: of the segment.
        documents: in their order, read once.
        progress: called as it goes.
        work: holds finished pieces of the metadata columns meanwhile.

    Raises:
        DuplicateDocument: an id occurs twice.
        DataError: an id is empty, or there is no document at all.
        BadValue: a field of a document is of another type than it must be.
    """
    ids, texts, extras, hashes = array("q", [0]), array("q", [0]), array("q", [0]), array("Q")
    columns, rest = _ColumnPieces(work), checked_documents(documents)
    with (
        open_for_write(folder / "ids.bytes") as id_file,
        open_for_write(folder / "text.bytes") as text_file,
        open_for_write(folder / "meta.bytes") as meta_file,
    ):
        while block := list(islice(rest, EVERY)):
            for file, offsets, pieces in (
                (id_file, ids, [encode(document.id) for document in block]),
                (text_file, texts, [encode(piece) for document in block for piece in (document.title, document.text)]),
                (meta_file, extras, [_pack(document) for document in block]),
            ):
                offsets.extend(islice(accumulate(map(len, pieces), initial=offsets[-1]), 1, None))
                file.write(b"".join(pieces))
            hashes.extend(map(content_hash, block))
            columns.add(block)
            progress("text", len(hashes), 0)
    if not hashes:
        raise DataError("the corpus is empty; there is nothing to index")
    _write_tables(folder, [np.array(offsets, np.int64) for offsets in (ids, texts, extras)], np.array(hashes, np.uint64))
    columns.write(folder)
    progress("text", len(hashes), len(hashes))
    return len(hashes)


def merge_text(sources: Sequence[tuple[Path, Mask | None]], folder: Path, progress: Progress) -> int:
    """Writes one segment of the documents of several that are live, in order, and returns their number. Bytes are copied.

    Args:
        sources: each segment's folder, and bool (documents,) which are live; None for all.
        folder: where the new files go.
        progress: called as it goes.
    """
    stores = [(TextStore(source), live) for source, live in sources]
    places = [np.arange(len(store)) if live is None else np.flatnonzero(live) for store, live in stores]
    total = sum(map(len, places))
    done = 0
    lengths: list[list[NDArray[np.int64]]] = [[], [], []]
    with (
        open_for_write(folder / "ids.bytes") as id_file,
        open_for_write(folder / "text.bytes") as text_file,
        open_for_write(folder / "meta.bytes") as meta_file,
    ):
        for (store, _), kept in zip(stores, places, strict=True):
            for file, (data, offsets), sizes in zip((id_file, text_file, meta_file), store.tables, lengths, strict=True):
                each = (len(offsets) - 1) // len(store)
                sizes.append(np.diff(offsets).reshape(-1, each)[kept].reshape(-1))
                whole = offsets[::each]
                for start, stop in blocks(offsets_of(np.diff(whole)[kept]), BLOCK_BYTES):
                    file.write_array(gather(data, whole, kept[start:stop]))
                    drop_pages(data)
            done += len(kept)
            progress("text", done, total)
    merge_columns([(segment_columns(source, store), live) for (source, live), (store, _) in zip(sources, stores, strict=True)], folder)
    hashes = [store.content_hashes[kept] for (store, _), kept in zip(stores, places, strict=True)]
    _write_tables(folder, [offsets_of(np.concatenate(sizes)) for sizes in lengths], np.concatenate(hashes))
    return total


def _write_tables(folder: Path, offsets: Sequence[NDArray[np.int64]], hashes: NDArray[np.uint64]) -> None:
    """Writes all that stands beside the bytes of ids, texts and metadata: their offsets, the order of the ids, and the hashes."""
    ids, texts, extras = offsets
    write_ids(folder, ids)
    write_array(folder / "text_offsets.npy", texts)
    write_array(folder / "meta_offsets.npy", extras)
    write_array(folder / "content_hashes.npy", hashes)


class _ColumnPieces:
    """The metadata columns of a segment that is being written: finished pieces wait on disk, and are merged at its end."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._writer = ColumnsWriter()
        self._blocks = 0
        self._finished: list[tuple[Path, int]] = []

    def add(self, block: Sequence[Document]) -> None:
        """Takes the next documents."""
        if self._blocks == COLUMN_BLOCKS:
            piece = self._work / f"columns.{len(self._finished)}"
            remove_tree(piece)
            make_folder(piece)
            self._writer.write(piece)
            self._finished.append((piece, self._writer.documents))
            self._writer, self._blocks = ColumnsWriter(), 0
        for document in block:
            self._writer.add(document)
        self._blocks += 1

    def write(self, folder: Path) -> None:
        """Writes the columns of all documents."""
        if not self._finished:
            self._writer.write(folder)
            return
        pieces = [(open_columns(piece, documents=documents), None) for piece, documents in self._finished]
        merge_columns([*pieces, (self._writer.columns(), None)], folder)
        for piece, _ in self._finished:
            remove_tree(piece)


class TextStore:
    """Documents by position, memory-mapped; iterates over all of them in order.

    Attributes:
        ids: the documents' ids.
        data: uint8 (bytes,), titles and texts in turn.
        offsets: int64 (2 n + 1,) where they begin: title i is data[offsets[2i]:offsets[2i+1]], its text follows.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ids = IdTable(folder)
        self.data: NDArray[np.uint8] = read_only(map_bytes(folder / "text.bytes"))
        self.offsets: NDArray[np.int64] = read_only(map_array(folder / "text_offsets.npy", dtype=np.int64))
        self._meta = read_only(map_bytes(folder / "meta.bytes"))
        self._meta_offsets = read_only(map_array(folder / "meta_offsets.npy", dtype=np.int64))
        if len(self.offsets) != 2 * len(self.ids) + 1 or int(self.offsets[-1]) != len(self.data):
            raise Corrupt(folder / "text.bytes", "its length does not fit its offsets")
        if len(self._meta_offsets) != len(self.ids) + 1 or int(self._meta_offsets[-1]) != len(self._meta):
            raise Corrupt(folder / "meta.bytes", "its length does not fit its offsets")

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Document]:
        for start, stop in blocks(self.offsets[::2], BLOCK_BYTES):
            yield from self.documents(np.arange(start, stop))
            drop_pages(self.data, self._meta)

    @property
    def tables(self) -> tuple[tuple[NDArray[np.uint8], NDArray[np.int64]], ...]:
        """The ids, the titles and texts, and the metadata: uint8 (bytes,) and the int64 offsets of what lies in it."""
        return (self.ids.data, self.ids.offsets), (self.data, self.offsets), (self._meta, self._meta_offsets)

    @cached_property
    def content_hashes(self) -> NDArray[np.uint64]:
        """uint64 (n,): the `content_hash` of each document; reckoned from the text where an old version of the format lacks them.

        Raises:
            Corrupt: there is not one of each document.
        """
        path = self._folder / "content_hashes.npy"
        if not path.exists():
            return np.fromiter(map(content_hash, self), np.uint64, len(self))
        hashes = map_array(path, dtype=np.uint64)
        if hashes.shape != (len(self),):
            raise Corrupt(path, f"an array of shape {hashes.shape}, expected ({len(self)},)")
        return hashes

    def documents(self, positions: NDArray[np.int64]) -> list[Document]:
        """The documents at int64 (n,) positions.

        Raises:
            Corrupt: one cannot be read.
        """
        ids = self.ids.ids(positions)
        with readable(self._folder / "text.bytes"):
            pieces = unpack(self.data, self.offsets, np.stack([2 * positions, 2 * positions + 1], axis=1).reshape(-1))
        found = []
        starts, ends = self._meta_offsets[positions].tolist(), self._meta_offsets[positions + 1].tolist()
        for doc_id, title, text, start, end in zip(ids, pieces[::2], pieces[1::2], starts, ends, strict=True):
            if start == end:
                found.append(Document(doc_id, text, title))
            else:
                with readable(self._folder / "meta.bytes"):
                    found.append(_unpack(doc_id, text, title, self._meta[start:end].tobytes()))
        return found


def _pack(document: Document) -> bytes:
    if not (document.parent or document.span or document.meta or document.images):
        return b""
    fields: dict[str, object] = {"parent": document.parent, "span": document.span, "meta": dict(document.meta)}
    fields["images"] = [str(image) for image in document.images]
    return json.dumps({name: value for name, value in fields.items() if value}).encode()


def _unpack(doc_id: str, text: str, title: str, data: bytes) -> Document:
    fields = json.loads(data)
    span: Sequence[int] | None = fields.get("span")
    meta = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.get("meta", EMPTY).items()}
    return Document(
        doc_id,
        text,
        title,
        images=tuple(Path(image) for image in fields.get("images", ())),
        parent=fields.get("parent", ""),
        span=(span[0], span[1]) if span else None,
        meta=meta or EMPTY,
    )
