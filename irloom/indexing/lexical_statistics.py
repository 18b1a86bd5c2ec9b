"""What lexical scores are made of, over all segments of a collection: exact over the documents that are not deleted."""

import zlib
from collections.abc import Sequence
from functools import cached_property
from itertools import repeat
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.indexing.inverted import InvertedIndex
from irloom.indexing.kernels.bm25_queries import TermRows
from irloom.indexing.parts import PartSegment
from irloom.indexing.strings import pack

KNOWN = 1 << 20
"""Terms times segments that are remembered, so that a word of many queries is looked up once."""


class LexicalStatistics:
    """The counts of a part of kind "bm25". Deleted documents are taken from the counts by their forward files.

    Safe to share between threads.

    Attributes:
        indexes: the opened index of each segment.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others or the segment.
    """

    def __init__(self, segments: Sequence[PartSegment]) -> None:
        self._segments = tuple(segments)
        self.indexes = tuple(InvertedIndex(segment.folder) for segment in segments)
        for segment, index in zip(self._segments, self.indexes, strict=True):
            if index.documents != segment.documents:
                raise Corrupt(segment.folder / "lengths.npy", f"{index.documents} documents, expected {segment.documents}")
        self._known: dict[str, int] = {}
        self._rows = _no_rows(len(self.indexes))
        self._lock = Lock()

    @cached_property
    def documents(self) -> int:
        """How many documents are not deleted."""
        return sum(segment.documents if segment.live is None else int(segment.live.sum()) for segment in self._segments)

    @cached_property
    def tokens(self) -> int:
        """How many tokens they have."""
        lengths = [index.lists.lengths for index in self.indexes]
        pairs = zip(lengths, self._segments, strict=True)
        return sum(int((own if segment.live is None else own[segment.live]).sum(dtype=np.int64)) for own, segment in pairs)

    @property
    def average_length(self) -> float:
        """Tokens a document; 1 where there are none."""
        return self.tokens / self.documents if self.tokens else 1.0

    @cached_property
    def _lost(self) -> list[NDArray[np.int32] | None]:
        """For each segment int32 (terms,): in how many deleted documents each term occurs; None where none is deleted."""
        return [
            None if segment.live is None else index.forward.df(np.flatnonzero(~segment.live), len(index.terms))
            for index, segment in zip(self.indexes, self._segments, strict=True)
        ]

    def find(self, terms: Sequence[str]) -> tuple[NDArray[np.int32], TermRows]:
        """int32 (terms,) the row of each term, and the rows; a term that no document has gets one too."""
        with self._lock:
            if len(self._known) * len(self.indexes) > KNOWN:
                self._known, self._rows = {}, _no_rows(len(self.indexes))
            rows = np.fromiter(map(self._known.get, terms, repeat(-1)), np.int32, len(terms))
            unseen = np.flatnonzero(rows < 0)
            if len(unseen):
                self._add(list(dict.fromkeys(terms[place] for place in unseen.tolist())))
                rows[unseen] = [self._known[terms[place]] for place in unseen.tolist()]
            return rows, self._rows

    def _add(self, terms: list[str]) -> None:
        first, end = len(self._known), len(self._known) + len(terms)
        if end > len(self._rows.df):
            self._rows = TermRows(*(_longer(array, first, 2 * end) for array in self._rows))
        df, hashes, numbers, firsts, sizes = (array[first:end] for array in self._rows)
        packed = pack(terms)
        hashes[:] = [zlib.crc32(term.encode("utf-8", "surrogatepass")) for term in terms]
        df[:] = 0
        for segment, (index, lost) in enumerate(zip(self.indexes, self._lost, strict=True)):
            own = numbers[:, segment] = index.terms.find_packed(*packed)
            there = np.flatnonzero(own >= 0)
            firsts[there, segment], sizes[there, segment] = lists = index.find(own[there])
            df[there] += lists[1] if lost is None else lists[1] - lost[own[there]]
        self._known.update(zip(terms, range(first, end), strict=True))


def _no_rows(segments: int) -> TermRows:
    wide = (0, segments)
    return TermRows(
        np.empty(0, np.int64), np.empty(0, np.uint32), np.empty(wide, np.int32), np.empty(wide, np.uint32), np.empty(wide, np.int32)
    )


def _longer(rows: NDArray[Any], known: int, size: int) -> NDArray[Any]:
    """Room for `size` rows, the first `known` of them filled."""
    made = np.empty((size, *rows.shape[1:]), rows.dtype)
    made[:known] = rows[:known]
    return made
