"""The text of a segment on disk: titles, texts and metadata by position."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import Corrupt, DataError
from irloom.core.files import Progress, map_array, map_bytes, open_for_write, write_array
from irloom.core.types import EMPTY, Document
from irloom.indexing.id_table import IdTable, write_ids

_EVERY = 1000


def write_documents(folder: Path, documents: Iterable[Document], progress: Progress, *, work: Path) -> int:
    """Streams documents into `folder` and returns their number.

    Raises:
        DuplicateDocument: an id occurs twice.
        DataError: an id is empty, or there is no document at all.
    """
    ids, texts, extras = array("q", [0]), array("q", [0]), array("q", [0])
    with (
        open_for_write(folder / "ids.bytes") as id_file,
        open_for_write(folder / "text.bytes") as text_file,
        open_for_write(folder / "meta.bytes") as meta_file,
    ):
        for document in documents:
            if not document.id:
                raise DataError(f"document {len(ids)} has an empty id; each document needs one")
            ids.append(ids[-1] + id_file.write(document.id.encode("utf-8", "surrogatepass")))
            for piece in (document.title, document.text):
                texts.append(texts[-1] + text_file.write(piece.encode("utf-8", "surrogatepass")))
            extra = _pack(document)
            extras.append(extras[-1] + (meta_file.write(extra) if extra else 0))
            if len(extras) % _EVERY == 0:
                progress("text", len(extras), 0)
    count = len(ids) - 1
    if not count:
        raise DataError("the corpus is empty; there is nothing to index")
    write_ids(folder, np.array(ids, np.int64))
    write_array(folder / "text_offsets.npy", np.array(texts, np.int64))
    write_array(folder / "meta_offsets.npy", np.array(extras, np.int64))
    progress("text", count, count)
    return count


class TextStore:
    """Documents by position, memory-mapped; iterates over all of them in order.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, folder: Path) -> None:
        self.ids = IdTable(folder)
        self._text, self._meta = map_bytes(folder / "text.bytes"), map_bytes(folder / "meta.bytes")
        self._offsets = map_array(folder / "text_offsets.npy", dtype=np.int64)
        self._meta_offsets = map_array(folder / "meta_offsets.npy", dtype=np.int64)
        if len(self._offsets) != 2 * len(self.ids) + 1 or int(self._offsets[-1]) != len(self._text):
            raise Corrupt(folder / "text.bytes", "its length does not fit its offsets")
        if len(self._meta_offsets) != len(self.ids) + 1 or int(self._meta_offsets[-1]) != len(self._meta):
            raise Corrupt(folder / "meta.bytes", "its length does not fit its offsets")

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Document]:
        for start in range(0, len(self), _EVERY):
            yield from self.documents(np.arange(start, min(start + _EVERY, len(self)), dtype=np.int64))

    def documents(self, positions: NDArray[np.int64]) -> list[Document]:
        """The documents at int64 (n,) positions."""
        ids = self.ids.ids(positions)
        return [self._document(doc_id, position) for doc_id, position in zip(ids, positions.tolist(), strict=True)]

    def _document(self, doc_id: str, position: int) -> Document:
        start, middle, end = self._offsets[2 * position : 2 * position + 3].tolist()
        title, text = _decode(self._text[start:middle]), _decode(self._text[middle:end])
        low, high = self._meta_offsets[position : position + 2].tolist()
        if low == high:
            return Document(doc_id, text, title)
        return _unpack(doc_id, text, title, self._meta[low:high].tobytes())


def merge_text(sources: Sequence[tuple[Path, Mask | None]], folder: Path, progress: Progress) -> int:
    """Writes one segment of the documents of several that are live, in order, and returns their number.

    Args:
        sources: each segment's folder, and bool (documents,) which are live; None for all.
        folder: where the new files go.
        progress: called as it goes.
    """
    stores = [(TextStore(source), live) for source, live in sources]
    pieces = (store.documents(np.arange(len(store)) if live is None else np.flatnonzero(live)) for store, live in stores)
    return write_documents(folder, chain.from_iterable(pieces), progress, work=folder)


def _decode(data: NDArray[np.uint8]) -> str:
    return data.tobytes().decode("utf-8", "surrogatepass")


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
