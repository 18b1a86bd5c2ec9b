"""The ids of a snapshot: those of its segments one after another, without the deleted ones."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import Corrupt
from irloom.indexing.id_table import IdTable
from irloom.indexing.ranking import joined_ranks

AT_A_TIME = 1 << 16
"""Ids that are looked up together."""


class SnapshotIds:
    """Ids by position and positions by id, over all segments.

    Args:
        tables: the segments' ids, in order.
        lives: for each segment bool (n,), which documents are not deleted; None where none is.
        rank: int32 (total,), the place of each position's id among all when they are sorted descending as UTF-8 bytes; the smaller one
            wins a tie. None to reckon it when it is asked for.
        where: the file of the ranks, for errors.
    """

    def __init__(
        self,
        tables: Sequence[IdTable],
        *,
        lives: Sequence[Mask | None] | None = None,
        rank: NDArray[np.int32] | None = None,
        where: Path = Path(),
    ) -> None:
        self.tables, self.lives = tuple(tables), tuple(lives or [None] * len(tables))
        self.bases = np.concatenate([[0], np.cumsum([len(table) for table in tables], dtype=np.int64)]).astype(np.int64)
        self._rank, self._where = rank, where

    def __len__(self) -> int:
        return int(self.bases[-1])

    @cached_property
    def rank(self) -> NDArray[np.int32]:
        """int32 (total,): the rank of each position.

        Raises:
            Corrupt: a rank is none.
        """
        ranks = joined_ranks(self.tables) if self._rank is None else self._rank
        if len(ranks) and not 0 <= int(ranks.min()) <= int(ranks.max()) < len(ranks):
            raise Corrupt(self._where, f"ranks from {ranks.min()} to {ranks.max()}, of {len(ranks)} documents")
        return ranks

    @cached_property
    def live(self) -> Mask | None:
        """Bool (total,): which positions are not deleted; None where none is."""
        if all(live is None for live in self.lives):
            return None
        pieces = [np.ones(len(table), np.bool_) if live is None else live for table, live in zip(self.tables, self.lives, strict=True)]
        return np.concatenate(pieces)

    def ids(self, positions: NDArray[np.int64]) -> list[str]:
        """The ids at int64 (n,) positions, of deleted documents too."""
        if len(self.tables) == 1:
            return self.tables[0].ids(positions)
        positions = np.asarray(positions, np.int64)
        owners = np.searchsorted(self.bases, positions, side="right") - 1
        found = [""] * len(positions)
        for segment in np.unique(owners).tolist():
            places = np.flatnonzero(owners == segment)
            for place, doc_id in zip(places.tolist(), self.tables[segment].ids(positions[places] - self.bases[segment]), strict=True):
                found[place] = doc_id
        return found

    def positions(self, doc_ids: Sequence[str]) -> NDArray[np.int64]:
        """int64 (n,) positions of ids; -1 where no document that is not deleted has the id."""
        found = np.full(len(doc_ids), -1, np.int64)
        for table, live, base in zip(self.tables, self.lives, self.bases.tolist(), strict=False):
            local = table.positions(doc_ids)
            there = local >= 0
            if live is not None:
                there[there] = live[local[there]]
            found[there] = local[there] + base
        return found

    def matches(self, other: IdTable) -> Iterator[tuple[list[str], NDArray[np.int64]]]:
        """The ids of another table, some at a time, and int64 (n,) positions of the live documents that have them; -1: none."""
        for start in range(0, len(other), AT_A_TIME):
            ids = other.ids(np.arange(start, min(start + AT_A_TIME, len(other)), dtype=np.int64))
            yield ids, self.positions(ids)
