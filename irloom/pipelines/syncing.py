"""A collection as the mirror of a dataset: what is new is added, what changed replaced, what is gone deleted."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path

import numpy as np

from irloom.core.errors import DuplicateDocument
from irloom.core.files import Progress, no_progress
from irloom.core.types import Document, Json
from irloom.data.dataset import Dataset
from irloom.data.named import load_dataset
from irloom.indexing.checked_documents import checked_documents
from irloom.indexing.collection import Collection
from irloom.indexing.content_hash import content_hash
from irloom.indexing.manifest import read_manifest
from irloom.pipelines.builders import EncoderChoice, builders_of
from irloom.pipelines.growing import Grown, grown, open_for_growth
from irloom.pipelines.notices import with_empty_counted

_AT_A_TIME = 1000


def sync(
    path: str | Path,
    documents: str | Path | Dataset,
    *,
    encoders: Mapping[str, EncoderChoice] | None = None,
    memory: int | None = None,
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> Grown:
    """Makes a collection hold what a dataset holds: new documents are added, changed ones replaced, those that are gone deleted.

    What is as it was, by a hash of all its fields, is not indexed again. One commit; none where nothing has changed.

    Args:
        path: the collection.
        documents: a dataset, or its name or path.
        encoders: of dense parts, by the part's name; the model that the part names is taken where none is given.
        memory: bytes that a build may take, besides what Python and its libraries do; None for the usual.
        dry_run: whether only to count what would be done.
        progress: called as it goes.

    Raises:
        NotACollection: there is none at `path`.
        DataError: the dataset cannot be read, or holds no document; nothing was changed.
        CollectionError: the encoder of a part is not known.
        Locked: another process writes to it.
    """
    read_manifest(Path(path))
    dataset = documents if isinstance(documents, Dataset) else load_dataset(documents, progress=progress)
    if dry_run:
        with Collection.open(path) as collection:
            compared = _Compared(collection, dataset.name)
            for _ in compared.changed(dataset.documents(), progress):
                pass
            gone = len(compared.gone())
            return Grown(
                Path(path),
                len(collection) + compared.added - gone,
                len(collection.segments),
                compared.added,
                compared.replaced,
                gone,
                compared.unchanged,
            )
    with open_for_growth(path, progress) as writer, Collection.open(path) as collection:
        builders = builders_of(writer.root, writer.manifest.parts, encoders=encoders, memory=memory)
        compared = _Compared(collection, dataset.name)
        changed = compared.changed(with_empty_counted(dataset.documents(), where=f"dataset {dataset.name!r}"), progress)
        first = next(changed, None)
        if first is not None:
            writer.update(chain([first], changed), builders)
        gone_ids = compared.gone()
        writer.delete(gone_ids)
        source: dict[str, Json] = {"dataset": dataset.name, "fingerprint": dataset.fingerprint}
        if first is not None or gone_ids or writer.manifest.source != source:
            writer.set_source(source)
            writer.commit()
        return grown(writer, added=compared.added, replaced=compared.replaced, deleted=len(gone_ids), unchanged=compared.unchanged)


class _Compared:
    """Documents as they come against those of a snapshot, by id and content hash."""

    def __init__(self, collection: Collection, name: str) -> None:
        self._collection, self._name = collection, name
        hashes = [segment.text.content_hashes for segment in collection.segments]
        self._hashes = np.concatenate(hashes) if hashes else np.empty(0, np.uint64)
        self._seen = np.zeros(len(collection.ids), np.bool_)
        self.added = self.replaced = self.unchanged = 0

    def changed(self, documents: Iterable[Document], progress: Progress) -> Iterator[Document]:
        """Those that are new or not as they were.

        Raises:
            DuplicateDocument: the id of a document that is there occurs twice.
        """
        iterator, done = checked_documents(documents), 0
        while chunk := list(islice(iterator, _AT_A_TIME)):
            positions = self._collection.ids.positions([document.id for document in chunk]).tolist()
            for document, position in zip(chunk, positions, strict=True):
                if position < 0:
                    self.added += 1
                    yield document
                    continue
                if self._seen[position]:
                    raise DuplicateDocument(document.id, where=f"dataset {self._name!r}")
                self._seen[position] = True
                if int(self._hashes[position]) == content_hash(document):
                    self.unchanged += 1
                else:
                    self.replaced += 1
                    yield document
            done += len(chunk)
            progress("compared", done, 0)
        progress("compared", done, done)

    def gone(self) -> list[str]:
        """The ids of the snapshot's documents that did not come."""
        ids = self._collection.ids
        left = ~self._seen if ids.live is None else ids.live & ~self._seen
        return ids.ids(np.flatnonzero(left).astype(np.int64))
