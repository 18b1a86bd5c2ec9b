"""The forward file: each document's terms and tf. It serves deletes, feedback and explanations."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import map_array, map_bytes, open_for_write, write_array
from irloom.indexing.kernels.forward import count_terms
from irloom.indexing.kernels.layout import WORD_BITS, WORD_ESCAPE


def write_forward(folder: Path, offsets: NDArray[np.int64], pieces: Iterable[NDArray[np.uint32]]) -> None:
    """Writes forward.words and forward_offsets.npy.

    Args:
        folder: where they go.
        offsets: int64 (documents + 1,) where each document's words begin.
        pieces: the words, uint32 term << 6 | tf, rising in each document; tf 63 stands for 63 or more, and the lists have it exactly.
    """
    with open_for_write(folder / "forward.words") as file:
        for words in pieces:
            file.write_array(words)
    write_array(folder / "forward_offsets.npy", offsets)


class ForwardFile:
    """The terms of documents, memory-mapped.

    Attributes:
        offsets: int64 (documents + 1,) where each document's words begin.
        words: uint32 (postings,).

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the other.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.offsets: NDArray[np.int64] = map_array(folder / "forward_offsets.npy", dtype=np.int64)
        path = folder / "forward.words"
        data, expected = map_bytes(path), 4 * int(self.offsets[-1]) if len(self.offsets) else -1
        if len(data) != expected:
            raise Corrupt(path, f"{len(data)} bytes, expected {expected}")
        self.words: NDArray[np.uint32] = data.view(np.uint32)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def df(self, positions: NDArray[np.int64], terms: int) -> NDArray[np.int32]:
        """int32 (terms,): in how many of the documents at int64 (n,) positions each of the segment's terms occurs.

        Raises:
            Corrupt: the file is damaged.
        """
        df, positions = np.zeros(terms, np.int32), np.asarray(positions, np.int64)
        starts, ends = self.offsets[positions], self.offsets[positions + 1]
        if ((starts < 0) | (ends < starts) | (ends > len(self.words))).any():
            raise Corrupt(self._folder / "forward_offsets.npy", "offsets that lie outside the words, or fall")
        if not count_terms(self.words, self.offsets, positions, df):
            raise Corrupt(self._folder / "forward.words", f"a term beyond the {terms} that the segment has")
        return df

    def terms(self, position: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """int32 (n,) term numbers, rising, and int32 (n,) tf of the document at `position`; tf 63 stands for 63 or more."""
        words = self.words[self.offsets[position] : self.offsets[position + 1]]
        return (words >> np.uint32(WORD_BITS)).astype(np.int32), (words & np.uint32(WORD_ESCAPE)).astype(np.int32)
