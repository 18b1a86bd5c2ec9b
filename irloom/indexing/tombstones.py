"""Tombstones: which documents of a segment are deleted, one bit each, in a file of the generation that deleted them."""

from pathlib import Path

import numpy as np

from irloom.core.contracts import Mask
from irloom.core.errors import Corrupt
from irloom.core.files import map_array, write_array

FOLDER = "deleted"


def write_tombstones(path: Path, live: Mask) -> None:
    """Writes uint8 (ceil(n / 8),): a bit for each document, the first one the highest of its byte, set where it is deleted."""
    write_array(path, np.packbits(~live))


def read_live(path: Path, documents: int) -> Mask:
    """Bool (documents,): which documents are not deleted.

    Raises:
        Corrupt: the file is missing, truncated, or of another length.
    """
    bits = map_array(path, dtype=np.uint8)
    if bits.shape != (-(-documents // 8),):
        raise Corrupt(path, f"the shape {bits.shape}, expected ({-(-documents // 8)},)")
    live: Mask = np.unpackbits(bits, count=documents) == 0
    return live
