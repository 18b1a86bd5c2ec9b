"""Where experiments keep the collections that they make of datasets."""

from pathlib import Path

from irloom.data.dataset import Dataset
from irloom.data.named import cache_folder


def collection_place(dataset: Dataset) -> Path:
    """The collection of a dataset in the cache; other documents have another place."""
    slug = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in dataset.name).strip("-.")
    return cache_folder() / "collections" / f"{slug}-{dataset.fingerprint[:12]}"
