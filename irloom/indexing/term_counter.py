"""Text in UTF-8 to the counted terms of its documents. What a chunk of text becomes is reckoned once and kept by its number."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.mapping import drop_pages
from irloom.indexing.kernels.chunks import split_chunks
from irloom.indexing.kernels.inversion import count_documents
from irloom.indexing.string_table import StringTable
from irloom.indexing.strings import blocks
from irloom.text.analyzer import Analyzer
from irloom.text.vocabulary import Vocabulary

BLOCK_BYTES: Final = 1 << 18
"""Text that is cut at a time, unless one document has more."""
CHUNKS: Final = 1 << 20
"""Chunks that are remembered."""
TERMS: Final = 1 << 20
"""Terms that are numbered over more than one call."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The counted terms of documents.

    Attributes:
        names: the term of each number.
        df: int64 (terms,): in how many of the documents each occurs; 0 for terms that others had.
        terms: int32 (postings,) term numbers, document by document, in the order of their first occurrence.
        tfs: int32 (postings,).
        offsets: int64 (documents + 1,) where each document's begin.
        lengths: int32 (documents,) tokens.
    """

    names: list[str]
    df: NDArray[np.int64]
    terms: NDArray[np.int32]
    tfs: NDArray[np.int32]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]


class TermCounter:
    """Counts the terms of documents.

    Args:
        analyzer: makes the terms.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._table, self._edges = np.frombuffer(analyzer.chunks.table, np.uint8), np.frombuffer(analyzer.chunks.edges, np.uint8)
        self._analyzer = analyzer
        self._forget()

    def _forget(self) -> None:
        self._vocabulary = Vocabulary(self._analyzer)
        self._forget_chunks()

    def _forget_chunks(self) -> None:
        self._chunks = StringTable()
        self._starts, self._terms = array("q", [0]), array("i")

    def count(self, data: NDArray[np.uint8], offsets: NDArray[np.int64], *, pieces: int, seen: Callable[[int], None]) -> Counted:
        """The counted terms of texts.

        Args:
            data: uint8, the texts in UTF-8.
            offsets: int64 (pieces n + 1,) where the pieces of the n documents begin; they break words.
            pieces: how many each document has.
            seen: called with the number of documents done.
        """
        if len(self._vocabulary) > TERMS:
            self._forget()
        df, tallies = np.zeros(len(self._vocabulary), np.int64), np.zeros(len(self._vocabulary), np.int32)
        terms, tfs, ends, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int32)], [np.zeros(1, np.int64)], [np.empty(0, np.int32)]
        size = 0
        for start, stop in blocks(offsets[::pieces], BLOCK_BYTES):
            chunks, chunk_ends = self._split(data, offsets[start * pieces : stop * pieces + 1])
            if len(self._vocabulary) > len(df):
                more = len(self._vocabulary) * 5 // 4 + 1024 - len(df)
                df, tallies = np.append(df, np.zeros(more, np.int64)), np.append(tallies, np.zeros(more, np.int32))
            starts, terms_of = np.frombuffer(self._starts, np.int64), np.frombuffer(self._terms, np.int32)
            tokens = int((starts[chunks + 1] - starts[chunks]).sum())
            made = (
                np.empty(tokens, np.int32),
                np.empty(tokens, np.int32),
                np.empty(stop - start, np.int64),
                np.empty(stop - start, np.int32),
            )
            count = count_documents(chunks, np.ascontiguousarray(chunk_ends[pieces - 1 :: pieces]), starts, terms_of, tallies, df, *made)
            del starts, terms_of  # the arrays grow in the next block, which they cannot while they are looked at
            terms.append(made[0][:count].copy())
            tfs.append(made[1][:count].copy())
            ends.append(made[2] + size)
            lengths.append(made[3])
            size += count
            seen(stop)
            drop_pages(data)
        joined = np.concatenate(terms), np.concatenate(tfs), np.concatenate(ends), np.concatenate(lengths)
        return Counted(self._vocabulary.terms, df[: len(self._vocabulary)], *joined)

    def _split(self, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """int32 (chunks,) the chunks of texts, all of them analysed, and int64 (texts,) where each text's end."""
        if len(self._chunks) > CHUNKS:
            self._forget_chunks()
        size, texts = int(offsets[-1] - offsets[0]), len(offsets) - 1
        table, known = self._chunks, len(self._chunks)
        table.reserve(size // 2 + texts, size)
        numbers, ends = np.empty(size // 2 + texts, np.int32), np.empty(texts, np.int64)
        table.size = split_chunks(data, offsets, self._table, self._edges, table.data, table.offsets, table.slots, known, numbers, ends)
        cuts = table.offsets[known : table.size + 1].tolist()
        fresh = table.data[cuts[0] : cuts[-1]].tobytes()
        numbers_of = self._vocabulary.numbers
        for first, last in pairwise(cuts):
            self._terms.extend(numbers_of(fresh[first - cuts[0] : last - cuts[0]].decode("utf-8", "surrogatepass")))
            self._starts.append(len(self._terms))
        return numbers[: ends[-1]], ends
