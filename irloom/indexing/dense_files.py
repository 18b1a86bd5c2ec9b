"""The files of a dense part in a segment, written piece by piece, so that no matrix is ever held whole."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.errors import ShapeMismatch
from irloom.core.files import map_array, open_for_write, write_array, write_header
from irloom.core.mapping import drop_pages
from irloom.indexing.parts import PartSegment
from irloom.indexing.token_store import TOKEN_OFFSETS, TOKEN_VECTORS
from irloom.indexing.vectors import NORMS, VECTORS, lengths_of

PIECE_BYTES = 8 << 20
"""Bytes of vectors that are copied together."""


def write_vectors(folder: Path, pieces: Iterable[DenseBatch], *, shape: tuple[int, int], dtype: str) -> None:
    """Writes vectors.npy and, beside it, norms.npy.

    Args:
        folder: of the part in the segment.
        pieces: the rows, float32 or float16 (n, dim) each.
        shape: (documents, dim), of all pieces together.
        dtype: how they are stored.

    Raises:
        ShapeMismatch: the pieces do not add up to the shape.
    """
    norms = np.empty(shape[0], np.float32)
    done = 0
    with open_for_write(folder / VECTORS) as file:
        write_header(file, shape, dtype)
        for piece in pieces:
            if piece.shape[1:] != shape[1:] or done + len(piece) > len(norms):
                raise ShapeMismatch("the vectors", expected=f"{shape} in all", found=piece.shape)
            stored = np.asarray(piece, np.dtype(dtype))
            file.write_array(stored)
            norms[done : done + len(piece)] = lengths_of(stored)
            done += len(piece)
    if done != len(norms):
        raise ShapeMismatch("the vectors", expected=f"{shape} in all", found=(done, shape[1]))
    write_array(folder / NORMS, norms)


def write_tokens(folder: Path, pieces: Iterable[NDArray[Any]], counts: NDArray[np.int64], *, dim: int) -> None:
    """Writes token_vectors.npy and token_offsets.npy.

    Args:
        folder: of the part in the segment.
        pieces: float16 (tokens, dim) each, the token vectors of all documents in order.
        counts: int64 (documents,), how many each document has.
        dim: their width.

    Raises:
        ShapeMismatch: a piece is of another width.
    """
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    with open_for_write(folder / TOKEN_VECTORS) as file:
        write_header(file, (int(offsets[-1]), dim), "float16")
        for piece in pieces:
            if piece.shape[1:] != (dim,):
                raise ShapeMismatch("the token vectors", expected=f"(tokens, {dim})", found=piece.shape)
            file.write_array(piece)
    write_array(folder / TOKEN_OFFSETS, offsets)


def live_vectors(source: PartSegment) -> Iterator[DenseBatch]:
    """The vectors of a segment's documents that are not deleted, in pieces."""
    rows = map_array(source.folder / VECTORS)
    places = source.live_places
    step = _step(rows)
    for start in range(0, len(places), step):
        yield rows[places[start : start + step]]
        drop_pages(rows)


def live_token_counts(source: PartSegment) -> NDArray[np.int64]:
    """int64 (live documents,): how many token vectors each has."""
    return np.asarray(np.diff(map_array(source.folder / TOKEN_OFFSETS, dtype=np.int64))[source.live_places])


def live_tokens(source: PartSegment) -> Iterator[NDArray[Any]]:
    """The token vectors of a segment's documents that are not deleted, in pieces."""
    rows, offsets = map_array(source.folder / TOKEN_VECTORS, dtype=np.float16), map_array(source.folder / TOKEN_OFFSETS, dtype=np.int64)
    kept = source.live_places
    for low, high in _stretches(kept):
        start, end = int(offsets[low]), int(offsets[high])
        step = _step(rows)
        for first in range(start, end, step):
            yield rows[first : min(first + step, end)]
        drop_pages(rows)


def width_of(paths: Sequence[Path], *, dtype: str) -> int:
    """The one width of arrays that are to become one.

    Raises:
        ShapeMismatch: they have several.
        Corrupt: one is missing, truncated or of another type.
    """
    widths: list[int] = sorted({int(map_array(path, dtype=dtype).shape[-1]) for path in paths})
    if len(widths) != 1:
        raise ShapeMismatch("the vectors", expected="one width for all documents", found=tuple(widths))
    return widths[0]


def _step(rows: NDArray[Any]) -> int:
    return max(1, PIECE_BYTES // max(1, int(rows.shape[1]) * rows.itemsize))


def _stretches(places: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The stretches of rising places that follow each other, each with its first and the one after its last."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    firsts, lasts = places[np.concatenate([[0], breaks])], places[np.concatenate([breaks - 1, [len(places) - 1]])]
    return list(zip(firsts.tolist(), (lasts + 1).tolist(), strict=True))
