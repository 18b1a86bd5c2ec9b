"""Batches by token budget over length-sorted sequences, and the packed form that a network reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = Sequence[int] | NDArray[np.int64]
"""Token ids of one sequence."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Sequences of token ids one after the other, without padding.

    Attributes:
        ids: int64 (tokens,).
        offsets: int64 (n+1,), sequence i is ids[offsets[i]:offsets[i+1]].
        types: int64 (tokens,), segment ids, or None where all are 0.
    """

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    types: NDArray[np.int64] | None = None

    @property
    def lengths(self) -> NDArray[np.int64]:
        """int64 (n,): tokens in each sequence."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1


def pack(sequences: Sequence[Ids], types: Sequence[Ids] | None = None) -> Pack:
    """Joins sequences of token ids into one pack."""
    lengths = np.fromiter((len(ids) for ids in sequences), dtype=np.int64, count=len(sequences))
    offsets = np.zeros(len(sequences) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    joined = _join(sequences)
    segments = None if types is None else _join(types)
    return Pack(joined, offsets, segments if segments is not None and segments.any() else None)


def _join(sequences: Sequence[Ids]) -> NDArray[np.int64]:
    if not sequences:
        return np.zeros(0, dtype=np.int64)
    return np.concatenate([np.asarray(ids, dtype=np.int64) for ids in sequences])


def batches_by_budget(lengths: NDArray[np.int64], budget: int) -> list[NDArray[np.int64]]:
    """Groups sequences of like length so that no batch, padded to its longest, has more tokens than the budget.

    Args:
        lengths: int64 (n,), tokens in each sequence.
        budget: tokens in a batch, padding included; a longer sequence is a batch of its own.

    Returns:
        Positions into `lengths`, int64, longest batch first; each position occurs once.

    >>> [batch.tolist() for batch in batches_by_budget(np.array([2, 9, 3, 4]), 8)]
    [[1], [3, 2], [0]]
    """
    order = np.argsort(-lengths, kind="stable").astype(np.int64)
    batches: list[NDArray[np.int64]] = []
    start = 0
    while start < len(order):
        rows = max(1, budget // max(1, int(lengths[order[start]])))
        batches.append(order[start : start + rows])
        start += rows
    return batches
