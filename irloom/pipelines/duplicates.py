"""Near-duplicates among documents that come into a collection and those that are there: found, reported, or folded into one.

A document that is nearly the same as an earlier one is folded when it is not indexed, and its id is kept in the metadata field `folded` of
the document that stands for it. So `fetch` shows it, the filter `folded == "its id"` finds it, and it goes when that document goes.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import BadValue
from irloom.core.files import Progress, make_folder, remove_tree
from irloom.core.types import Document
from irloom.data.lines import write_lines
from irloom.indexing.collection import Collection
from irloom.indexing.minhash_part import Bands, MinHashIndex, MinHashPart, most_shared, text_shingles
from irloom.indexing.text_store import TextStore, write_documents
from irloom.text.minhash import Shingles, jaccard

ACTIONS: Final = ("report", "fold")
FOLDED: Final = "folded"
"""The metadata field with the ids that a document stands for."""
THRESHOLD: Final = 0.8
_AT_A_TIME = 1 << 13
_REMEMBERED = 1 << 12


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document that is nearly the same as an earlier one that stays: their ids, and the Jaccard similarity of their word triples."""

    id: str
    of: str
    jaccard: float


@dataclass(frozen=True, slots=True)
class Present:
    """What incoming documents are compared with beside each other.

    Attributes:
        collection: the documents that are there.
        index: the near-duplicates part over them.
        replaced: bool (positions,), which documents are about to be replaced and so count no more.
    """

    collection: Collection
    index: MinHashIndex
    replaced: Mask


@contextmanager
def set_aside(root: Path, documents: Iterable[Document], progress: Progress) -> Iterator[TextStore]:
    """Documents on the disk under the collection's `work/` while the block runs, so that they can be read in any order.

    Args:
        root: the collection, which this process writes.
        documents: are read once.
        progress: called as it goes.

    Raises:
        DuplicateDocument: an id occurs twice.
        DataError: there is no document, or one without an id.
    """
    folder, work = root / "work" / ".incoming", root / "work" / ".incoming.pieces"
    try:
        for place in (folder, work):
            remove_tree(place)
            make_folder(place)
        write_documents(folder, documents, progress, work=work)
        yield TextStore(folder)
    finally:
        remove_tree(folder)
        remove_tree(work)


def find_duplicates(incoming: TextStore, part: MinHashPart, *, present: Present | None, work: Path, progress: Progress) -> list[Duplicate]:
    """The incoming documents that are near-duplicates of one that is there, or of an earlier one among them that is none itself.

    Each is told with the most similar such document; of equal ones that which is there, or came, first.

    Args:
        incoming: what comes.
        part: says what is compared and from which similarity on.
        present: what is there; None where nothing is.
        work: takes the shards of hashes, for the build of the part that follows.
        progress: called as it goes.

    Paper: Broder, Glassman, Manasse and Zweig, "Syntactic clustering of the Web", 1997.
    Differs: candidates come from bands of minima, the similarity of shingles is exact, and groups are not closed transitively: a document
        counts as a near-duplicate only of one that stays.
    """
    make_folder(work, exist_ok=True)
    bands = part.bands(incoming, work=work, progress=progress)
    shared = _shared(bands)
    kept: dict[tuple[int, int], list[int]] = defaultdict(list)
    compare = _Compared(incoming, present)
    found: list[Duplicate] = []
    for row, there in enumerate(_candidates(bands, present)):
        own = [(band, int(bands.keys[row, band])) for band in np.flatnonzero(shared[row]).tolist()]
        if not own and not len(there):
            continue
        among = most_shared(np.array([other for key in own for other in kept.get(key, ())], np.int64))
        best = compare.best(row, there, among, part.threshold)
        if best is not None:
            found.append(best)
            continue
        for key in own:
            kept[key].append(row)
    return found


def without_folded(incoming: TextStore, duplicates: Sequence[Duplicate]) -> Iterator[Document]:
    """The incoming documents that are no near-duplicates; those that stand for others name them."""
    gone = {duplicate.id for duplicate in duplicates}
    names = _by_original(duplicates)
    for document in incoming:
        if document.id not in gone:
            yield standing_for(document, names[document.id]) if document.id in names else document


def originals(present: Present, duplicates: Sequence[Duplicate]) -> list[Document]:
    """The documents that are there and stand for near-duplicates which they do not name yet, with their names."""
    names = _by_original(duplicates)
    positions = present.collection.ids.positions(list(names))
    there = [
        doc_id
        for doc_id, position in zip(names, positions.tolist(), strict=True)
        if position >= 0 and not present.replaced[position]  # else one that comes has the id
    ]
    changed = ((document, standing_for(document, names[document.id])) for document in present.collection.fetch(there))
    return [new for old, new in changed if new != old]


def standing_for(document: Document, doc_ids: Iterable[str]) -> Document:
    """The document with more ids in the metadata field `folded`.

    Raises:
        BadValue: it has a field of that name that holds something else.
    """
    own = document.meta.get(FOLDED, ())
    if not isinstance(own, tuple):
        raise BadValue(f"metadata field {FOLDED!r} of document {document.id!r}", own, "a list of ids: the field names folded documents")
    return replace(document, meta={**document.meta, FOLDED: tuple(dict.fromkeys((*own, *doc_ids)))})


def folded_ids(collection: Collection) -> dict[str, str]:
    """The ids that were folded, and the document that stands for each; an id that has a document of its own again is none of them."""
    found: dict[str, str] = {}
    for document in collection.documents():
        names = document.meta.get(FOLDED, ()) if document.meta else ()
        if isinstance(names, tuple):
            found.update(dict.fromkeys(names, document.id))
    absent = set(collection.missing(list(found)))
    return {doc_id: original for doc_id, original in found.items() if doc_id in absent}


def write_duplicates(path: Path, duplicates: Iterable[Duplicate]) -> None:
    """Writes JSONL with `id`, `of` and `jaccard`."""
    write_lines(path, (json.dumps(asdict(duplicate), ensure_ascii=False) + "\n" for duplicate in duplicates))


def _by_original(duplicates: Iterable[Duplicate]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for duplicate in duplicates:
        names.setdefault(duplicate.of, []).append(duplicate.id)
    return names


def _shared(bands: Bands) -> Mask:
    """Bool (n, bands): which bands of a document another one has too."""
    shared = np.zeros(bands.keys.shape, np.bool_)
    for band, keys in enumerate(bands.keys.T):
        _, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
        shared[:, band] = (counts[places] > 1) & bands.full
    return shared


def _candidates(bands: Bands, present: Present | None) -> Iterator[NDArray[np.int64]]:
    """For each incoming document the positions of those that are there and share a band with it."""
    for start in range(0, len(bands.keys), _AT_A_TIME):
        piece = Bands(bands.keys[start : start + _AT_A_TIME], bands.full[start : start + _AT_A_TIME])
        if present is None:
            yield from (np.empty(0, np.int64) for _ in range(len(piece.keys)))
            continue
        for positions in present.index.candidates(piece):
            yield positions[~present.replaced[positions]]


class _Compared:
    """Exact similarities of incoming documents with candidates; shingles are remembered for a while."""

    def __init__(self, incoming: TextStore, present: Present | None) -> None:
        self._incoming, self._present = incoming, present
        self._came: Callable[[int], tuple[str, Shingles]] = lru_cache(_REMEMBERED)(self._read_incoming)
        self._there: Callable[[int], tuple[str, Shingles]] = lru_cache(_REMEMBERED)(self._read_present)

    def best(self, row: int, there: NDArray[np.int64], among: NDArray[np.int64], threshold: float) -> Duplicate | None:
        """The most similar candidate from the threshold on; None where there is none."""
        doc_id, own = self._came(row)
        best: Duplicate | None = None
        for read, places in ((self._there, np.sort(there)), (self._came, np.sort(among))):
            for place in places.tolist():
                other, shingles = read(place)
                similarity = jaccard(own, shingles)
                if similarity >= threshold and (best is None or similarity > best.jaccard):
                    best = Duplicate(doc_id, other, similarity)
                if best is not None and best.jaccard == 1.0:
                    return best
        return best

    def _read_incoming(self, row: int) -> tuple[str, Shingles]:
        (document,) = self._incoming.documents(np.array([row], np.int64))
        return document.id, text_shingles(document.full_text)

    def _read_present(self, position: int) -> tuple[str, Shingles]:
        assert self._present is not None, "positions come from what is there"
        (doc_id,) = self._present.collection.ids.ids(np.array([position], np.int64))
        (document,) = self._present.collection.fetch([doc_id])
        return doc_id, text_shingles(document.full_text)
