"""TokenStore: the token vectors of a dense part, memory-mapped, by position."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import TokenBatch
from irloom.core.contracts import Encoder
from irloom.core.errors import BadValue, Corrupt
from irloom.core.files import map_array
from irloom.indexing.parts import PartView

TOKEN_VECTORS, TOKEN_OFFSETS = "token_vectors.npy", "token_offsets.npy"


@runtime_checkable
class HasTokens(Protocol):
    """An encoder of one vector a text that gives the token vectors of the same model too."""

    @property
    def tokens(self) -> Encoder[TokenBatch]: ...


def token_space(part: PartView) -> str | None:
    """The space of the token vectors that a part keeps; None where it keeps none."""
    space = part.parameters.get("tokens")
    return space if isinstance(space, str) else None


class TokenStore:
    """Token vectors by position.

    Args:
        offsets: int64 (documents + 1,), document i has the vectors offsets[i]:offsets[i+1].
        rows: float16 or float32 (tokens, dim), usually a memory map.
        space: names what makes token vectors comparable.
    """

    def __init__(self, offsets: NDArray[np.int64], rows: NDArray[np.float16] | NDArray[np.float32], *, space: str) -> None:
        self.offsets, self.rows, self.space = offsets, rows, space

    @classmethod
    def open(cls, part: PartView) -> "TokenStore":
        """The token vectors of a dense part.

        Raises:
            BadValue: the part keeps none.
            Corrupt: a file is missing, truncated, or does not fit the collection.
        """
        space = token_space(part)
        if space is None:
            raise BadValue("part", part.name, "a part that keeps token vectors; build it with tokens=True")
        path = part.folder / TOKEN_OFFSETS
        offsets, rows = map_array(path, dtype=np.int64), map_array(part.folder / TOKEN_VECTORS, dtype=np.float16)
        if offsets.shape != (len(part.ids) + 1,) or rows.ndim != 2 or int(offsets[0]) != 0 or int(offsets[-1]) != len(rows):
            raise Corrupt(
                path, f"{len(offsets)} offsets that end at {int(offsets[-1])}, for {len(part.ids)} documents and {rows.shape} vectors"
            )
        if (np.diff(offsets) < 0).any():
            raise Corrupt(path, "offsets that fall")
        return cls(offsets, rows, space=space)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return int(self.rows.shape[1])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def row(self, position: int) -> NDArray[np.float16] | NDArray[np.float32]:
        """(tokens, dim): the vectors of one document, not copied."""
        return self.rows[int(self.offsets[position]) : int(self.offsets[position + 1])]

    def batch(self, positions: NDArray[np.int64]) -> TokenBatch:
        """The vectors of the documents at int64 (n,) positions, one row a document, copied."""
        counts = self.offsets[positions + 1] - self.offsets[positions]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        vectors = np.empty((int(offsets[-1]), self.dim), self.rows.dtype)
        for place, position in enumerate(positions.tolist()):
            vectors[offsets[place] : offsets[place + 1]] = self.row(position)
        return TokenBatch(offsets, vectors)
