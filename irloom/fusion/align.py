"""Several runs laid over each other: one row per query and document that any of them has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.fusion.joined_ids import JoinedIds, join_ids, not_text
from irloom.fusion.sorting import HALF, LOW, sort_slices

_BLOCK = 1 << 18
"""Entries that are worked on at a time: their columns stay in the processor's caches."""


@dataclass(frozen=True, slots=True)
class Part:
    """One run's share, m entries.

    Attributes:
        offsets: int64 (q+1,), query i holds the entries offsets[i]:offsets[i+1], best first; none where the run lacks the query.
        scores: float32 (m,).
        places: int64 (m,), where each entry stands among the n.
    """

    offsets: NDArray[np.int64]
    scores: NDArray[np.float32]
    places: NDArray[np.int64]

    @property
    def above(self) -> NDArray[np.int64]:
        """int64 (m,): how many documents of its query stand above each entry; its rank is one more."""
        return np.arange(len(self.scores)) - np.repeat(self.offsets[:-1], np.diff(self.offsets))


@dataclass(frozen=True, slots=True)
class Aligned:
    """The union of several runs; `n` entries over `q` queries.

    Attributes:
        query_ids: each query that any run has, in order of first appearance.
        offsets: int64 (q+1,), query i holds the entries offsets[i]:offsets[i+1].
        docs: uint64 (n,), places in `ids.order`, ascending within a query: the smaller place has the greater id and wins a tie.
        ids: the documents' ids.
        parts: what each run gives.
    """

    query_ids: tuple[str, ...]
    offsets: NDArray[np.int64]
    docs: NDArray[np.uint64]
    ids: JoinedIds
    parts: tuple[Part, ...]

    def __len__(self) -> int:
        return len(self.docs)

    def spread(self, run: int) -> NDArray[np.float32]:
        """float32 (n,): the scores of one run, NaN where it lacks the document."""
        column = np.full(len(self), np.nan, np.float32)
        column[self.parts[run].places] = self.parts[run].scores
        return column


def align(runs: Sequence[Run]) -> Aligned:
    """Lays runs over each other; a query that only some have passes through.

    Raises:
        BadValue: there is no run.
        DataError: an id is not text.
    """
    (whole,) = aligned_blocks(runs, entries=None)
    return whole


def aligned_blocks(runs: Sequence[Run], *, entries: int | None = _BLOCK) -> Iterator[Aligned]:
    """The runs laid over each other, some queries at a time.

    Args:
        runs: one or more.
        entries: how many entries a block has at least, but for the last one; None for all.

    Raises:
        BadValue: there is no run.
        DataError: an id is not text.
    """
    if not runs:
        raise BadValue("runs", [], "at least one run")
    query_ids = tuple(dict.fromkeys(query_id for run in runs for query_id in run.query_ids))
    if set(map(type, query_ids)) - {str}:
        raise not_text("query id", query_ids)
    ids = join_ids(runs)
    spans = [_spans(run, query_ids) for run in runs]
    total = np.sum([lengths for _, lengths in spans], axis=0)
    start = 0
    while start < len(query_ids) or not start:
        grown = np.cumsum(total[start:])
        stop = len(query_ids) if entries is None else start + 1 + int(np.searchsorted(grown, entries))
        stop = min(stop, len(query_ids))
        yield _laid_over(runs, ids, query_ids[start:stop], [(starts[start:stop], lengths[start:stop]) for starts, lengths in spans])
        if stop >= len(query_ids):
            return
        start = stop


def _spans(run: Run, query_ids: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each query's entries begin in the run and how many they are, int64 (q,) each; 0 where it lacks the query."""
    if run.query_ids == query_ids:
        return run.offsets[:-1], np.diff(run.offsets)
    row_of = {query_id: row for row, query_id in enumerate(query_ids)}
    rows = np.fromiter(map(row_of.__getitem__, run.query_ids), np.int64, len(run.query_ids))
    starts, lengths = np.zeros(len(query_ids), np.int64), np.zeros(len(query_ids), np.int64)
    starts[rows], lengths[rows] = run.offsets[:-1], np.diff(run.offsets)
    return starts, lengths


def _laid_over(
    runs: Sequence[Run], ids: JoinedIds, query_ids: tuple[str, ...], spans: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> Aligned:
    """The runs' entries of some queries, sorted by document within each; entries of one document become one."""
    bounds = _offsets(np.stack([lengths for _, lengths in spans]).sum(axis=0))
    free = bounds[:-1].copy()
    keys = np.empty(int(bounds[-1]), np.uint64)
    slots, offsets, scores = [], [], []
    for run, table, (starts, lengths) in zip(runs, ids.places, spans, strict=True):
        own = _offsets(lengths)
        count = np.arange(int(own[-1]))
        entries = _entries(starts, lengths, count, own)
        slot = count + np.repeat(free - own[:-1], lengths)
        keys[slot] = (table[run.docs[entries]].astype(np.uint64) << HALF) | slot.view(np.uint64)
        free += lengths
        slots.append(slot)
        offsets.append(own)
        scores.append(run.scores[entries])
    sort_slices(keys, bounds)
    docs, slot = keys >> HALF, (keys & LOW).view(np.int64)
    new = np.ones(len(keys), np.bool_)
    new[1:] = docs[1:] != docs[:-1]
    new[bounds[:-1][np.diff(bounds) > 0]] = True
    place_at = np.empty(len(keys), np.int64)
    place_at[slot] = np.cumsum(new) - 1
    parts = tuple(Part(own, values, place_at[slot]) for own, values, slot in zip(offsets, scores, slots, strict=True))
    return Aligned(query_ids, _offsets(new)[bounds], docs[new], ids, parts)


def _entries(
    starts: NDArray[np.int64], lengths: NDArray[np.int64], count: NDArray[np.int64], own: NDArray[np.int64]
) -> NDArray[np.int64] | slice:
    """Which of a run's entries are those of some queries: a slice where they stand side by side in that order."""
    if len(starts) and np.array_equal(starts[1:], starts[:-1] + lengths[:-1]):
        return slice(int(starts[0]), int(starts[0]) + len(count))
    return count + np.repeat(starts - own[:-1], lengths)


def _offsets(lengths: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
