"""Rows of a vectors file, read piece by piece: what was read counts no longer as this process's memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import map_array
from irloom.indexing.vectors import VECTORS

BLOCK = 1 << 14
"""Rows in a piece."""


class Rows:
    """The vectors of one segment, as float32, each piece through a map of its own, which goes with it.

    Args:
        folder: the segment's folder of the part.

    Raises:
        Corrupt: the file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / VECTORS
        vectors = map_array(self.path)
        self.count, self.dim, self.dtype = len(vectors), int(vectors.shape[1]), vectors.dtype

    def __len__(self) -> int:
        return self.count

    def take(self, places: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """float32 (n, dim): a copy of some rows."""
        return np.array(map_array(self.path)[places], np.float32)

    def blocks(self, *, start: int = 0, size: int = BLOCK) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """All rows from `start` on, in order, each piece with its first row's place."""
        for first in range(start, self.count, size):
            yield first, self.take(slice(first, min(first + size, self.count)))

    def sample(self, count: int, *, seed: int) -> NDArray[np.int64]:
        """int64 (n,): rising places of `count` rows at most, drawn without repetition."""
        if count >= self.count:
            return np.arange(self.count, dtype=np.int64)
        return np.sort(np.random.default_rng(seed).choice(self.count, count, replace=False)).astype(np.int64)
