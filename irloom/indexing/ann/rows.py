"""Rows of a vectors file, read piece by piece and not mapped: a map of a large file soon counts whole as this process's memory."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import map_array
from irloom.indexing.vectors import VECTORS

BLOCK = 1 << 14
"""Rows in a piece."""


class Rows:
    """The vectors of one segment, as float32.

    Args:
        folder: the segment's folder of the part.

    Raises:
        Corrupt: the file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / VECTORS
        vectors = map_array(self.path)
        self.count, self.dim, self.dtype = len(vectors), int(vectors.shape[1]), vectors.dtype
        self._start = self.path.stat().st_size - vectors.nbytes

    def __len__(self) -> int:
        return self.count

    def take(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 (n, dim): the rows at int64 (n,) places, each read for itself."""
        stored = np.empty((len(places), self.dim), self.dtype)
        with self.path.open("rb", buffering=0) as file:
            for row, place in zip(stored, places.tolist(), strict=True):
                self._read(file.fileno(), place, row)
        return stored.astype(np.float32, copy=False)

    def stretch(self, first: int, after: int) -> NDArray[np.float32]:
        """float32 (after - first, dim): rows that follow each other."""
        stored = np.empty((after - first, self.dim), self.dtype)
        with self.path.open("rb", buffering=0) as file:
            self._read(file.fileno(), first, stored)
        return stored.astype(np.float32, copy=False)

    def blocks(self, *, start: int = 0, size: int = BLOCK) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """All rows from `start` on, in order, each piece with its first row's place."""
        for first in range(start, self.count, size):
            yield first, self.stretch(first, min(first + size, self.count))

    def sample(self, count: int, *, seed: int) -> NDArray[np.int64]:
        """int64 (n,): rising places of `count` rows at most, drawn without repetition."""
        if count >= self.count:
            return np.arange(self.count, dtype=np.int64)
        return np.sort(np.random.default_rng(seed).choice(self.count, count, replace=False)).astype(np.int64)

    def _read(self, descriptor: int, first: int, out: NDArray[Any]) -> None:
        """Fills an array with the bytes from row `first` on."""
        view = out.reshape(-1).view(np.uint8).data
        offset = self._start + first * self.dim * self.dtype.itemsize
        while view.nbytes:
            count = os.preadv(descriptor, [view], offset)
            if not count:
                raise Corrupt(self.path, "it ends too early")
            view, offset = view[count:], offset + count
