"""The documents of a dataset that a run or a pool names, read in one pass."""

from collections.abc import Iterable, Sequence

from irloom.core.errors import UnknownDocument
from irloom.core.files import Progress, no_progress
from irloom.core.types import Document
from irloom.data.dataset import Dataset


def documents_named(dataset: Dataset, wanted: Iterable[str], *, progress: Progress = no_progress) -> dict[str, Document]:
    """By id, in the dataset's order; ids that it lacks are left out. The pass ends with the last one that is wanted."""
    missing = set(wanted)
    found: dict[str, Document] = {}
    if not missing:
        return found
    for number, document in enumerate(dataset.documents()):
        if number % 1000 == 0:
            progress("documents", number, 0)
        if document.id in missing:
            missing.remove(document.id)
            found[document.id] = document
            if not missing:
                break
    return found


class DatasetCorpus:
    """The documents of those ids; a Corpus.

    Raises:
        UnknownDocument: the dataset lacks one of them.
    """

    def __init__(self, dataset: Dataset, wanted: Sequence[str], *, progress: Progress = no_progress) -> None:
        self._documents = documents_named(dataset, wanted, progress=progress)
        missing = set(wanted) - self._documents.keys()
        if missing:
            raise UnknownDocument(min(missing), where=f"dataset {dataset.name!r}")

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        """The documents of those ids, in that order.

        Raises:
            UnknownDocument: an id is not among those that were read.
        """
        for doc_id in doc_ids:
            if doc_id not in self._documents:
                raise UnknownDocument(doc_id)
        return [self._documents[doc_id] for doc_id in doc_ids]
