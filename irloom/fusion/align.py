"""Several runs laid over each other: one row per query and document that any of them has."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, count, pairwise

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.core.run import Run

HALF, LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
"""A sort key is a number in the high half of 64 bits and a place below 2^32 in the low half."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """The union of several runs; `n` entries over `q` queries.

    Attributes:
        query_ids: each query that any run has, in order of first appearance.
        offsets: int64 (q+1,), query i holds the entries offsets[i]:offsets[i+1].
        docs: int32 (n,), positions in `doc_ids`, ascending within a query.
        doc_ids: the documents' ids, descending, so that the smaller position wins a tie.
        runs: the runs.
        places: for each run, int64 (its entries,): where each of its entries stands among the n.
        rows: for each run, int64 (its queries,): where each of its queries stands among the q.
    """

    query_ids: tuple[str, ...]
    offsets: NDArray[np.int64]
    docs: NDArray[np.int32]
    doc_ids: tuple[str, ...]
    runs: tuple[Run, ...]
    places: tuple[NDArray[np.int64], ...]
    rows: tuple[NDArray[np.int64], ...]

    def __len__(self) -> int:
        return len(self.docs)

    def spread(self, run: int, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (n,): the values of one run's entries, NaN where it lacks the document."""
        column = np.full(len(self), np.nan, np.float32)
        column[self.places[run]] = values
        return column

    def to_run(self, scores: NDArray[np.float64], *, k: int | None = None, names: Sequence[str] = ()) -> Run:
        """The fused run: sorted by score, then document id, both descending.

        Args:
            scores: float64 (n,), kept as float32.
            k: how many documents a query keeps; None for all.
            names: one per run to keep its scores as the column of that name, or none.

        Raises:
            BadValue: `k` is negative.
        """
        if k is not None and k < 0:
            raise BadValue("k", k, "0 or more")
        kept = best_places(scores.astype(np.float32), self.offsets)
        lengths = np.diff(self.offsets)
        if k is not None:
            place_in_query = np.arange(len(kept)) - np.repeat(self.offsets[:-1], lengths)
            kept, lengths = kept[place_in_query < k], np.minimum(lengths, k)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns = {name: self.spread(run, self.runs[run].scores)[kept] for run, name in enumerate(names)}
        return Run(self.query_ids, offsets, self.docs[kept], scores[kept].astype(np.float32), self.doc_ids, columns=columns)


def align(runs: Sequence[Run]) -> Aligned:
    """Lays runs over each other; a query that only some have passes through.

    Raises:
        BadValue: there is no run.
    """
    if not runs:
        raise BadValue("runs", [], "at least one run")
    query_ids = tuple(dict.fromkeys(query_id for run in runs for query_id in run.query_ids))
    row_of = {query_id: row for row, query_id in enumerate(query_ids)}
    rows = tuple(np.fromiter(map(row_of.__getitem__, run.query_ids), np.int64, len(run.query_ids)) for run in runs)

    doc_ids, numbers = _number_documents(runs)
    lengths = np.zeros(len(query_ids), np.int64)
    for run, own_rows in zip(runs, rows, strict=True):
        lengths[own_rows] += np.diff(run.offsets)
    free = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    bounds = free.copy()
    keys = np.empty(int(bounds[-1]), np.uint64)
    slots = []
    for run, own_rows, own_numbers in zip(runs, rows, numbers, strict=True):
        own_lengths = np.diff(run.offsets)
        slots.append(np.arange(len(run.docs)) + np.repeat(free[own_rows] - run.offsets[:-1], own_lengths))
        keys[slots[-1]] = (own_numbers[run.docs] << HALF) | slots[-1].astype(np.uint64)
        free[own_rows] += own_lengths
    sort_slices(keys, bounds)
    docs, slot = (keys >> HALF).astype(np.int32), (keys & LOW).astype(np.int64)
    new = np.ones(len(keys), np.bool_)
    new[1:] = docs[1:] != docs[:-1]
    new[bounds[:-1][lengths > 0]] = True
    entry = np.cumsum(new) - 1
    entry_at = np.empty(len(keys), np.int64)
    entry_at[slot] = entry
    offsets = np.concatenate([[0], np.cumsum(new)]).astype(np.int64)[bounds]
    return Aligned(query_ids, offsets, docs[new], doc_ids, tuple(runs), tuple(entry_at[own] for own in slots), rows)


def _number_documents(runs: Sequence[Run]) -> tuple[tuple[str, ...], list[NDArray[np.uint64]]]:
    """The ids of all documents found, descending, and for each run the place there of each id of its own table, uint64 (0 if not found)."""
    met: defaultdict[str, int] = defaultdict(count().__next__)
    numbers = []
    for run in runs:
        found = np.zeros(len(run.doc_ids), np.bool_)
        found[run.docs] = True
        own = np.zeros(len(run.doc_ids), np.int64)
        own[found] = np.fromiter(map(met.__getitem__, compress(run.doc_ids, found.tolist())), np.int64, int(found.sum()))
        numbers.append(own)
    ids = list(met)
    order = sorted(range(len(ids)), key=ids.__getitem__, reverse=True)
    place = np.zeros(max(len(ids), 1), np.uint64)
    place[order] = np.arange(len(ids), dtype=np.uint64)
    return tuple(ids[number] for number in order), [place[own] for own in numbers]


def best_places(scores: NDArray[np.float32], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (n,): the places 0 to n-1, reordered within each query by falling score, equal scores by rising place."""
    bits = (scores + np.float32(0)).view(np.uint32)  # -0.0 becomes 0.0
    falling = np.where(bits >> np.uint32(31), bits, ~bits & np.uint32(0x7FFFFFFF)).astype(np.uint64)
    keys = (falling << HALF) | np.arange(len(scores), dtype=np.uint64)
    sort_slices(keys, offsets)
    return (keys & LOW).astype(np.int64)


def sort_slices(keys: NDArray[np.uint64], bounds: NDArray[np.int64]) -> None:
    """Sorts each slice of `keys` in place: many short sorts of plain integers are several times faster than one long argsort."""
    edges = bounds.tolist()
    for start, end in pairwise(edges):
        keys[start:end].sort()
