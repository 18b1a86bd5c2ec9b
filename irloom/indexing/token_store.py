"""TokenStore: the token vectors of a dense part over all its segments, memory-mapped, by position."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import TokenBatch
from irloom.core.contracts import Encoder
from irloom.core.errors import BadValue, Corrupt
from irloom.core.files import map_array
from irloom.indexing.parts import PartSegment, PartView

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


Rows: TypeAlias = NDArray[np.float16] | NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SegmentTokens:
    """The token vectors of a segment.

    Attributes:
        base: the position of its first document.
        offsets: int64 (documents + 1,), document i of the segment has the vectors offsets[i]:offsets[i+1].
        rows: float16 or float32 (tokens, dim), usually a memory map.
    """

    base: int
    offsets: NDArray[np.int64]
    rows: Rows


class TokenStore:
    """Token vectors by position. Positions of deleted documents have theirs too.

    Args:
        segments: one after another, at least one, of one width.
        space: names what makes token vectors comparable.
    """

    def __init__(self, segments: Sequence[SegmentTokens], *, space: str) -> None:
        self.segments, self.space = tuple(segments), space
        self._bases = [segment.base for segment in segments]

    @classmethod
    def open(cls, part: PartView) -> "TokenStore":
        """The token vectors of a dense part.

        Raises:
            BadValue: the part keeps none.
            Corrupt: a file is missing, truncated, or does not fit the collection or the other segments.
        """
        space = token_space(part)
        if space is None:
            raise BadValue("part", part.name, "a part that keeps token vectors; build it with tokens=True")
        segments = [_open(segment) for segment in part.segments]
        for segment, tokens in zip(part.segments, segments, strict=True):
            if tokens.rows.shape[1] != segments[0].rows.shape[1]:
                widths = f"{tokens.rows.shape[1]} wide, while the first segment has token vectors {segments[0].rows.shape[1]} wide"
                raise Corrupt(segment.folder / TOKEN_VECTORS, widths)
        return cls(segments, space=space)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return int(self.segments[0].rows.shape[1])

    def __len__(self) -> int:
        return self.segments[-1].base + len(self.segments[-1].offsets) - 1

    def row(self, position: int) -> Rows:
        """(tokens, dim): the vectors of one document, not copied."""
        segment = self.segments[bisect_right(self._bases, position) - 1]
        start, end = segment.offsets[position - segment.base : position - segment.base + 2].tolist()
        return segment.rows[start:end]

    def batch(self, positions: NDArray[np.int64]) -> TokenBatch:
        """The vectors of the documents at int64 (n,) positions, one row a document, copied."""
        rows = [self.row(position) for position in positions.tolist()]
        offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        empty = np.empty((0, self.dim), self.segments[0].rows.dtype)
        return TokenBatch(offsets, np.concatenate([empty, *rows]))


def _open(segment: PartSegment) -> SegmentTokens:
    path = segment.folder / TOKEN_OFFSETS
    offsets, rows = map_array(path, dtype=np.int64), map_array(segment.folder / TOKEN_VECTORS, dtype=np.float16)
    if offsets.shape != (segment.documents + 1,) or rows.ndim != 2 or int(offsets[0]) != 0 or int(offsets[-1]) != len(rows):
        last = int(offsets[-1]) if offsets.ndim == 1 and len(offsets) else None
        raise Corrupt(path, f"offsets {offsets.shape} that end at {last}, for {segment.documents} documents and {rows.shape} vectors")
    if (np.diff(offsets) < 0).any():
        raise Corrupt(path, "offsets that fall")
    return SegmentTokens(segment.base, offsets, rows)
