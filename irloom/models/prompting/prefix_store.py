"""PrefixStore: the prompts that a decoder read last, for the next one that begins as one of them does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.models.decoders.prefix import Prefix

Ids = NDArray[np.int64]
Prefill: TypeAlias = Callable[[Ids], Prefix]

PREFIXES = 8
"""Prompts that are kept at most."""
BYTES = 256_000_000
"""What they take at most."""
LEAST = 16
"""Tokens that a prompt must share to go on from another."""


class PrefixStore:
    """Prompts of a sort come one after another and begin alike: with the query, and often with the same first passage.

    Which prefixes are kept changes no number beyond float32 rounding.
    """

    def __init__(self) -> None:
        self._kept: list[Prefix] = []

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

    def _nearest(self, ids: Ids) -> Prefix | None:
        """What a kept prefix shares with these tokens, of the one that shares most; None where that is little."""
        shared = [common(ids, prefix.ids) for prefix in self._kept]
        most = max(shared, default=0)
        return self._kept[shared.index(most)].cropped(most) if most >= LEAST else None

    def _keep(self, found: Prefix) -> None:
        """Keeps a prefix in front, without those that it holds within itself."""
        others = [prefix for prefix in self._kept if common(found.ids, prefix.ids) < prefix.length]
        self._kept, taken = [], 0
        for prefix in [found, *others][:PREFIXES]:
            taken += prefix.nbytes
            if taken > BYTES:
                break
            self._kept.append(prefix)


_OPEN: ContextVar[dict[object, PrefixStore] | None] = ContextVar("irloom_prefix_stores", default=None)


@contextmanager
def keeping_prefixes() -> Iterator[None]:
    """Within it the prompts that this thread asks of a decoder go on from those it asked before; at its end they are let go."""
    token = _OPEN.set({})
    try:
        yield
    finally:
        _OPEN.reset(token)


def prefixes_of(decoder: object) -> PrefixStore | None:
    """What is kept of a decoder's prompts; None outside `keeping_prefixes`."""
    stores = _OPEN.get()
    return None if stores is None else stores.setdefault(decoder, PrefixStore())


def common(first: Ids, other: Ids) -> int:
    """Tokens that both begin with.

    >>> common(np.array([1, 2, 3]), np.array([1, 2, 4, 5]))
    2
    """
    length = min(len(first), len(other))
    differing = np.flatnonzero(first[:length] != other[:length])
    return int(differing[0]) if len(differing) else length
