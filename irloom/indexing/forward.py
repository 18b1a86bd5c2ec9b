"""The forward file: each document's terms and tf. It serves deletes, feedback and explanations."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import map_array, open_for_write, write_array
from irloom.indexing.kernels.forward import count_terms
from irloom.indexing.kernels.inversion import forward_words
from irloom.indexing.kernels.layout import WORD_BITS, WORD_ESCAPE
from irloom.indexing.spill import Spill

AT_A_TIME = 1 << 22


def write_forward(folder: Path, spill: Spill, number: NDArray[np.int32]) -> None:
    """Writes forward.words and forward_offsets.npy; `number` is the final number of each provisional term.

    A word is uint32 term << 6 | tf, rising in each document; tf 63 stands for 63 or more, and the lists have it exactly.
    """
    documents = len(spill.lengths)
    with open_for_write(folder / "forward.words") as file:
        start = 0
        while start < documents:
            last = int(np.searchsorted(spill.offsets, spill.offsets[start] + AT_A_TIME, side="right")) - 1
            last = max(start + 1, last)
            words = np.empty(int(spill.offsets[last] - spill.offsets[start]), np.uint32)
            forward_words(spill.terms, spill.tfs, spill.offsets[start : last + 1], number, words)
            file.write_array(words)
            start = last
    write_array(folder / "forward_offsets.npy", spill.offsets)


class ForwardFile:
    """The terms of documents, memory-mapped.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the other.
    """

    def __init__(self, folder: Path) -> None:
        self._offsets = map_array(folder / "forward_offsets.npy", dtype=np.int64)
        path = folder / "forward.words"
        if not path.exists():
            raise Corrupt(path, "the file is missing")
        expected = 4 * int(self._offsets[-1]) if len(self._offsets) else -1
        if path.stat().st_size != expected:
            raise Corrupt(path, f"{path.stat().st_size} bytes, expected {expected}")
        self._words = np.asarray(np.memmap(path, np.uint32, mode="r")) if expected else np.empty(0, np.uint32)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def df(self, positions: NDArray[np.int64], terms: int) -> NDArray[np.int32]:
        """int32 (terms,): in how many of the documents at int64 (n,) positions each of the segment's terms occurs."""
        df = np.zeros(terms, np.int32)
        count_terms(self._words, self._offsets, np.asarray(positions, np.int64), df)
        return df

    def terms(self, position: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """int32 (n,) term numbers, rising, and int32 (n,) tf of the document at `position`; tf 63 stands for 63 or more."""
        words = self._words[self._offsets[position] : self._offsets[position + 1]]
        return (words >> np.uint32(WORD_BITS)).astype(np.int32), (words & np.uint32(WORD_ESCAPE)).astype(np.int32)
