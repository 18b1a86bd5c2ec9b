"""BM25's own numbers over the segments of a part, and the search through them."""

from collections.abc import Sequence
from itertools import chain
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.indexing.kernels.addresses import address_rows
from irloom.indexing.kernels.bm25 import Formula, Places, search_segments
from irloom.indexing.kernels.bm25_lists import norms_of, saturate
from irloom.indexing.kernels.bm25_queries import Queries, TermRows, order_terms
from irloom.indexing.kernels.bm25_scan import scan_few
from irloom.indexing.lexical_statistics import LexicalStatistics
from irloom.indexing.parts import PartView
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.strings import read_only
from irloom.retrievers.bm25_variants import VARIANTS


class BM25Segments:
    """A part's segments under one choice of k1, b, variant and delta; safe to share between threads.

    Lists are brought into the form in which they are added when they are first asked for, and kept.
    """

    def __init__(self, part: PartView, statistics: LexicalStatistics, *, k1: float, b: float, variant: str, delta: float) -> None:
        self.statistics, self._variant, self._k1, self._delta = statistics, variant, k1, delta
        shift = VARIANTS[variant](np.empty(0), 1, k1, delta).shift
        steep = k1 + shift
        line = (steep * (1 - b), steep * b / statistics.average_length)
        lift = shift / steep if steep else 0.0
        self._lists = [index.lists for index in statistics.indexes]
        self._formulas = [
            Formula(
                np.empty(int(lists.counts[3]), np.float32),  # the system gives it memory where it is written
                np.empty(int(lists.counts[2]), np.uint16),
                norms_of(lists.lengths, line),
                line,
                lift,
            )
            for lists in self._lists
        ]
        arrays = [
            (*index.lists, *formula[:3], index.forward.words, index.forward.offsets)
            for index, formula in zip(statistics.indexes, self._formulas, strict=True)
        ]
        self._addresses = np.array([address_rows(own) for own in arrays], np.int64)
        self._line, self._lift, self._live = line, lift, part.live
        self._ties = read_only(part.ids.rank), _order_of(part.ids)
        self._unpacked = np.array([int(lists.counts[:2].sum()) for lists in self._lists], np.int64)
        self._flags = np.cumsum(self._unpacked) - self._unpacked  # where each segment's begin in `_ready`
        self._ready = np.zeros(int(self._unpacked.sum()), np.bool_)
        self._lock = Lock()

    def plan(self, token_lists: Sequence[Sequence[str]]) -> tuple[Queries, TermRows]:
        """The terms of queries in the order in which they are added, ready to be searched."""
        offsets = np.zeros(len(token_lists) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, token_lists), np.int64, len(token_lists)), out=offsets[1:])
        wanted, rows = self.statistics.find(list(chain.from_iterable(token_lists)))
        idf, df = np.empty(len(rows.df)), rows.df[wanted]
        idf[wanted] = 0
        there = np.flatnonzero(df)
        shape = VARIANTS[self._variant](df[there].astype(np.float64), self.statistics.documents, self._k1, self._delta)
        idf[wanted[there]] = shape.idf
        self._saturate(rows.numbers[wanted])
        return order_terms(wanted, offsets, rows.hashes, idf, shape.gain, shape.bonus), rows

    def _saturate(self, numbers: NDArray[np.int32]) -> None:
        """Reckons the saturations of the lists that are asked for the first time; int32 (tokens, segments) term numbers."""
        listed = (numbers >= 0) & (numbers < self._unpacked)
        if self._ready[(numbers + self._flags)[listed]].all():
            return
        with self._lock:
            for segment, (lists, formula) in enumerate(zip(self._lists, self._formulas, strict=True)):
                terms = np.unique(numbers[listed[:, segment], segment])
                places = terms + self._flags[segment]
                missing = terms[~self._ready[places]]
                saturate(lists, missing, formula.norms, np.float32(formula.lift), formula.saturations, formula.documents)
                self._ready[places] = True

    def search(
        self,
        queries: Queries,
        rows: TermRows,
        allowed: Mask | None,
        positions: NDArray[np.int64],
        scores: NDArray[np.float32],
        found: NDArray[np.int64],
    ) -> None:
        """Writes the best positions and their scores, (queries, k) each with k at least 1, and how many there are.

        `allowed`, bool (positions,), says which documents may be found; None: all that are not deleted.
        """
        mask = self._live if allowed is None else np.ascontiguousarray(allowed)
        places = Places(*self._ties, read_only(_EVERY if mask is None else mask))
        k, pending = positions.shape[1], np.ones(len(found), np.bool_)
        if allowed is not None and np.count_nonzero(allowed) * FEW < len(allowed):
            few = np.flatnonzero(allowed)
            scan_few(self._addresses, self._lift, places, queries, rows, few, k, positions, scores, found, pending)
        search_segments(self._addresses, self._line, self._lift, places, queries, rows, k, positions, scores, found, pending)


FEW = 32
"""Where a filter leaves less than a 32nd of the documents, they are scored one by one if that is faster."""
_EVERY = np.empty(0, np.bool_)


def _order_of(ids: SnapshotIds) -> NDArray[np.int32]:
    """int32 (positions,): the position of each rank."""
    if len(ids.tables) == 1:
        return ids.tables[0].checked_order()
    order = np.empty(len(ids), np.int32)
    order[ids.rank] = np.arange(len(ids), dtype=np.int32)
    return read_only(order)
