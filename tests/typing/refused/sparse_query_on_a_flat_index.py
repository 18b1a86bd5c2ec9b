"""A flat index takes dense queries."""

from irloom.core.batches import SparseBatch
from irloom.core.contracts import Hits
from irloom.indexing.flat import FlatIndex


def search(index: FlatIndex, batch: SparseBatch) -> Hits:
    return index.search(batch, k=10)  # refused: arg-type
