"""Prefix: the keys and values of a text that a decoder has read, to go on from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue

if TYPE_CHECKING:
    from torch import Tensor

Extend: TypeAlias = Callable[["Prefix", NDArray[np.int64]], "Prefix"]


@dataclass(frozen=True, slots=True, eq=False)
class Prefix:
    """Tokens that were read once. Nothing changes a prefix, so threads and branches may share it.

    Layers with a sliding window keep the keys of all tokens too: what lies outside the window is left out when attention is computed.

    Attributes:
        ids: int64 (length,), read-only.
        keys: a tensor (kv_heads, length, head_dim) for each layer that was computed, rotary positions included.
        values: the same for values.
        extend: how the decoder that made it goes on from it.
    """

    ids: NDArray[np.int64]
    keys: tuple["Tensor", ...]
    values: tuple["Tensor", ...]
    extend: Extend

    @property
    def length(self) -> int:
        """Tokens that were read."""
        return len(self.ids)

    @property
    def layers(self) -> int:
        """Layers whose keys and values are there, from the first on."""
        return len(self.keys)

    @property
    def device(self) -> str:
        """The device that holds keys and values, such as "cpu" or "cuda:0"; "" where there are none."""
        return str(self.keys[0].device) if self.keys else ""

    @property
    def nbytes(self) -> int:
        """Bytes of keys and values."""
        return sum(part.nbytes for part in (*self.keys, *self.values))

    def extended(self, ids: NDArray[np.int64]) -> "Prefix":
        """A prefix that goes on with more tokens; this one stays as it is.

        Args:
            ids: int64 (m,).

        Raises:
            ModelError: both together are longer than the model's context.
        """
        return self if len(ids) == 0 else self.extend(self, ids)

    def cropped(self, length: int) -> "Prefix":
        """The first tokens alone; nothing is copied.

        Args:
            length: 0 to this prefix's length.

        Raises:
            BadValue: it is out of that range.
        """
        if not 0 <= length <= self.length:
            raise BadValue("length", length, f"0 to {self.length}, the tokens of this prefix")
        return Prefix(
            self.ids[:length], tuple(key[:, :length] for key in self.keys), tuple(value[:, :length] for value in self.values), self.extend
        )


def frozen_ids(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """A read-only copy of token ids, int64 (n,)."""
    own = np.array(ids, dtype=np.int64).reshape(-1)
    own.flags.writeable = False
    return own
