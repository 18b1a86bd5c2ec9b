"""Vectors: the rows of a dense part over all its segments, memory-mapped, by position."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.errors import Corrupt, ModelError, ShapeMismatch
from irloom.core.files import map_array
from irloom.indexing.parts import PartSegment, PartView
from irloom.indexing.strings import read_only

VECTORS, NORMS = "vectors.npy", "norms.npy"
CACHED_BYTES = 1 << 20
"""Bytes of float32 vectors that are looked at together where they are read more than once: what stays in the processor's cache."""


class Vectors:
    """Vectors by position. Positions of deleted documents have theirs too.

    Args:
        segments: float32 or float16 (documents, dim) each, one type and one width, finite; usually memory maps.
        bases: the position of each segment's first vector, rising; one after another from 0 when left out.
        longest: an upper bound of the vectors' lengths; reckoned here when left out.

    Raises:
        ShapeMismatch: there is no segment, or they are not of one type and width.
        ModelError: a vector is not finite.
    """

    def __init__(self, segments: Sequence[DenseBatch], *, bases: Sequence[int] | None = None, longest: float | None = None) -> None:
        forms = {(rows.dtype, rows.shape[1:]) for rows in segments}
        if len(forms) != 1 or any(rows.ndim != 2 or rows.dtype not in (np.float32, np.float16) for rows in segments):
            expected = "segments of one width, all float32 or all float16"
            raise ShapeMismatch("vectors", expected=expected, found=max((rows.shape for rows in segments), default=()))
        self.segments: tuple[DenseBatch, ...] = tuple(map(_as_kernels_know, segments))
        self.bases = tuple(accumulate(map(len, segments[:-1]), initial=0)) if bases is None else tuple(bases)
        self.longest = max(float(lengths_of(rows).max(initial=0.0)) for rows in self.segments) if longest is None else longest
        if not np.isfinite(self.longest):
            raise ModelError("the vectors of the index are not finite")

    @classmethod
    def open(cls, part: PartView, *, segments: Sequence[PartSegment] | None = None) -> "Vectors":
        """The vectors of a dense part, or of some of its segments.

        Raises:
            Corrupt: a file is missing, truncated, or does not fit the collection or the other segments.
        """
        opened: list[DenseBatch] = []
        longest = 0.0
        wanted = part.segments if segments is None else segments
        for segment in wanted:
            path = segment.folder / VECTORS
            rows, norms = map_array(path), map_array(segment.folder / NORMS, dtype=np.float32)
            if rows.dtype not in (np.float32, np.float16) or rows.ndim != 2 or len(rows) != segment.documents:
                raise Corrupt(path, f"{rows.dtype} {rows.shape}, expected one row a document, {segment.documents}")
            if opened and (rows.dtype, rows.shape[1]) != (opened[0].dtype, opened[0].shape[1]):
                first = f"{opened[0].dtype} vectors {opened[0].shape[1]} wide"
                raise Corrupt(path, f"{rows.dtype} vectors {rows.shape[1]} wide, while the first segment has {first}")
            if norms.shape != (len(rows),):
                raise Corrupt(segment.folder / NORMS, f"the shape {norms.shape}, expected ({len(rows)},)")
            opened.append(rows)
            longest = max(longest, float(norms.max(initial=0.0)))
        return cls(opened, bases=[segment.base for segment in wanted], longest=longest)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return int(self.segments[0].shape[1])

    def __len__(self) -> int:
        return sum(map(len, self.segments))

    def take(self, positions: NDArray[np.int64]) -> DenseBatch:
        """The vectors at int64 (n,) positions, (n, dim) in the type that is stored, copied."""
        positions = np.asarray(positions, np.int64)
        taken = np.empty((len(positions), self.dim), self.segments[0].dtype)
        owners = np.searchsorted(self.bases, positions, side="right") - 1
        for segment in np.unique(owners).tolist():
            own = owners == segment
            taken[own] = self.segments[segment][positions[own] - self.bases[segment]]
        return taken

    def scores(self, queries: DenseBatch, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """The inner products of queries and candidates of their own, each summed in float64 in one fixed order.

        Args:
            queries: float32 or float16 (q, dim), finite.
            positions: int64 (q, m), the candidates of each query; -1 for none.

        Returns:
            float32 (q, m); -inf where the position is -1.
        """
        from irloom.indexing.kernels.dot import fixed_dots, fixed_dots_of_halves

        scores, precise = np.full(positions.shape, -np.inf, np.float32), np.asarray(queries, np.float64)
        for rows, base in zip(self.segments, self.bases, strict=True):
            if rows.dtype == np.float16:
                fixed_dots_of_halves(rows.view(np.uint16), base, precise, positions, scores)
            else:
                fixed_dots(rows.astype(np.float32, copy=False), base, precise, positions, scores)
        return scores


def lengths_of(vectors: DenseBatch) -> NDArray[np.float32]:
    """float32 (n,): an upper bound of each row's length, one float32 step at most above it."""
    lengths = np.empty(len(vectors), np.float32)
    block = max(64, CACHED_BYTES // (4 * max(vectors.shape[1], 1)))
    for first in range(0, len(vectors), block):
        rows = np.asarray(vectors[first : first + block], np.float32)
        exact = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        lengths[first : first + len(rows)] = np.nextafter(exact.astype(np.float32), np.float32(np.inf))
    return lengths


def _as_kernels_know(rows: DenseBatch) -> DenseBatch:
    """Contiguous and read-only, as memory maps are, so that kernels are compiled for one kind of array."""
    whole = np.ascontiguousarray(rows)
    return read_only(whole.view(np.float16)) if whole.dtype == np.float16 else read_only(whole.view(np.float32))
