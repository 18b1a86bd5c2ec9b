"""A sparse encoder cannot fill a part of dense vectors."""

from irloom.core.batches import SparseBatch
from irloom.core.contracts import Encoder
from irloom.indexing.dense_part import DensePart


def build(encoder: Encoder[SparseBatch]) -> DensePart:
    return DensePart(encoder)  # refused: arg-type
