"""What a build keeps on disk between its passes: each document's terms and tf under provisional numbers."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import Progress, open_for_write, remove_file
from irloom.core.types import Document
from irloom.indexing.kernels.inversion import count_documents
from irloom.text.vocabulary import Vocabulary

BATCH = 2048


class Spill:
    """The counted terms of all documents, in the order in which they came.

    Attributes:
        terms: int32 (postings,) provisional term numbers, memory-mapped.
        tfs: int32 (postings,), memory-mapped.
        offsets: int64 (documents + 1,) where each document's begin.
        lengths: int32 (documents,) tokens.
        df: int64 (vocabulary,).
    """

    def __init__(self, work: Path, documents: Iterable[Document], total: int, vocabulary: Vocabulary, progress: Progress) -> None:
        """Reads the documents once, in batches, and writes their counted terms into `work`."""
        files = work / "terms.spill", work / "tfs.spill"
        try:
            size = self._write(files, documents, total, vocabulary, progress)
            self.terms, self.tfs = _map(files[0], size), _map(files[1], size)
        finally:  # their names go at once: the maps hold what they need, and a full disk is not kept full
            for file in files:
                remove_file(file)

    def _write(
        self, files: tuple[Path, Path], documents: Iterable[Document], total: int, vocabulary: Vocabulary, progress: Progress
    ) -> int:
        """Writes the counted terms and returns their number."""
        self.df = np.zeros(0, np.int64)
        seen = np.zeros(0, np.int32)
        lengths, ends = [np.empty(0, np.int32)], [np.zeros(1, np.int64)]
        size = done = 0
        with open_for_write(files[0]) as terms_file, open_for_write(files[1]) as tfs_file:
            for batch in _batches(documents):
                tokens, offsets = vocabulary.encode([document.full_text for document in batch])
                if len(vocabulary) > len(self.df):
                    more = len(vocabulary) * 5 // 4 + 1024 - len(self.df)
                    self.df, seen = np.append(self.df, np.zeros(more, np.int64)), np.append(seen, np.zeros(more, np.int32))
                terms, tfs = np.empty(len(tokens), np.int32), np.empty(len(tokens), np.int32)
                batch_ends = np.empty(len(batch), np.int64)
                count = count_documents(tokens, offsets, seen, self.df, terms, tfs, batch_ends)
                terms_file.write_array(terms[:count])
                tfs_file.write_array(tfs[:count])
                ends.append(batch_ends + size)
                lengths.append(np.diff(offsets).astype(np.int32))
                size += count
                done += len(batch)
                progress("terms", done, total)
        self.df = self.df[: len(vocabulary)]
        self.offsets, self.lengths = np.concatenate(ends), np.concatenate(lengths)
        return size


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    rest = iter(documents)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _map(path: Path, size: int) -> NDArray[np.int32]:
    return np.asarray(np.memmap(path, np.int32, mode="r", shape=(size,))) if size else np.empty(0, np.int32)
