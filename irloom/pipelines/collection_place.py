"""Where experiments keep the collections that they make of datasets, and how reports read them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from irloom.core.types import Document
from irloom.data.dataset import Dataset
from irloom.data.named import cache_folder
from irloom.indexing.collection import Collection


def collection_place(dataset: Dataset) -> Path:
    """The collection of a dataset in the cache; other documents have another place."""
    slug = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in dataset.name).strip("-.")
    return cache_folder() / "collections" / f"{slug}-{dataset.fingerprint[:12]}"


def present(collection: Collection) -> Callable[[Sequence[str]], list[Document]]:
    """What gives a collection's documents by id, without those that it lacks: runs and judgments may name any."""

    def fetch(doc_ids: Sequence[str]) -> list[Document]:
        absent = set(collection.missing(doc_ids))
        return collection.fetch([doc_id for doc_id in doc_ids if doc_id not in absent])

    return fetch
