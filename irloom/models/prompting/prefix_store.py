"""PrefixStore: the prompts that a decoder read last, for the next one that begins as one of them does."""

from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.models.decoders.prefix import Prefix

Ids = NDArray[np.int64]
Prefill: TypeAlias = Callable[[Ids], Prefix]
ReadOn: TypeAlias = Callable[[Ids, Prefix | None], tuple[NDArray[np.float32], Prefix]]
"""Tokens on top of a prefix to a row of numbers behind them, and the longer prefix."""

PREFIXES = 8
"""Prompts that are kept at most."""
TOKENS = 4096
"""Tokens of them all at most."""
LEAST = 16
"""Tokens that a prompt must share to go on from another."""


class PrefixStore:
    """Prompts of a sort come one after another and begin alike: with the query, and often with the same first passage.

    Which prefixes are kept changes no number beyond float32 rounding. Threads may share a store.
    """

    def __init__(self) -> None:
        self._kept: list[Prefix] = []
        self._lock = Lock()

    def reach(self, ids: Ids, prefill: Prefill) -> Prefix:
        """The prefix of these tokens, on top of what a kept one shares with them; it is kept then.

        Args:
            ids: int64 (n,), at least one token.
            prefill: reads tokens from the start.
        """
        nearest = self._nearest(ids)
        found = prefill(ids) if nearest is None else nearest.extended(ids[nearest.length :])
        self._keep(found)
        return found

    def read(self, ids: Ids, read_on: ReadOn) -> NDArray[np.float32]:
        """What is read behind these tokens, on top of what a kept prefix shares with them; the whole is kept then.

        Args:
            ids: int64 (n,), at least one token.
            read_on: reads tokens on top of a prefix.
        """
        nearest = self._nearest(ids[:-1])
        numbers, found = read_on(ids if nearest is None else ids[nearest.length :], nearest)
        self._keep(found)
        return numbers

    def _nearest(self, ids: Ids) -> Prefix | None:
        """What a kept prefix shares with these tokens, of the one that shares most; None where that is little."""
        with self._lock:
            kept = list(self._kept)
        shared = [common(ids, prefix.ids) for prefix in kept]
        most = max(shared, default=0)
        return kept[shared.index(most)].cropped(most) if most >= LEAST else None

    def _keep(self, found: Prefix) -> None:
        """Keeps a prefix in front, without those that it holds within itself."""
        with self._lock:
            others = [prefix for prefix in self._kept if common(found.ids, prefix.ids) < prefix.length]
            kept, tokens = [], 0
            for prefix in [found, *others][:PREFIXES]:
                tokens += prefix.length
                if tokens > TOKENS:
                    break
                kept.append(prefix)
            self._kept = kept


def common(first: Ids, other: Ids) -> int:
    """Tokens that both begin with.

    >>> common(np.array([1, 2, 3]), np.array([1, 2, 4, 5]))
    2
    """
    length = min(len(first), len(other))
    differing = np.flatnonzero(first[:length] != other[:length])
    return int(differing[0]) if len(differing) else length
