"""Parts with an approximate index, made of plain arrays; and what brute force finds in them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Hits, Mask
from irloom.core.files import no_progress
from irloom.indexing.ann.segment import write_segment
from irloom.indexing.ann.wish import AnnWish
from irloom.indexing.dense_files import write_vectors
from irloom.indexing.parts import PartSegment, PartView
from irloom.indexing.snapshot_ids import SnapshotIds
from tests.fakes import id_table


def vectors_of(count: int, dim: int, seed: int, *, topics: int = 20) -> NDArray[np.float32]:
    """float32 (count, dim) of length 1 around some topics, the same topics for each seed."""
    centers = np.random.default_rng(0).standard_normal((topics, dim))
    rng = np.random.default_rng(seed)
    rows = centers[rng.integers(topics, size=count)] + 0.8 * rng.standard_normal((count, dim))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def make_part(
    root: Path,
    pieces: Sequence[NDArray[np.float32]],
    wish: AnnWish,
    *,
    lives: Sequence[Mask | None] | None = None,
    dtype: str = "float32",
) -> PartView:
    """A part with a segment for each piece; the ids are d0, d1, ..."""
    trained, work = root / "trained", root / "work"
    for folder in (trained, work):
        folder.mkdir(parents=True)
    segments, tables, base = [], [], 0
    lives = lives or [None] * len(pieces)
    for number, (rows, live) in enumerate(zip(pieces, lives, strict=True)):
        folder = root / f"segment-{number}"
        folder.mkdir()
        write_vectors(folder, [rows], shape=(len(rows), rows.shape[1]), dtype=dtype)
        write_segment(folder, wish=wish, trained=trained, work=work, progress=no_progress)
        segments.append(PartSegment(folder, base, len(rows), live))
        tables.append(id_table(root / f"ids-{number}", [f"d{base + i}" for i in range(len(rows))]))
        base += len(rows)
    ids = SnapshotIds(tables, lives=lives)
    there = trained if any(trained.iterdir()) else None
    return PartView("dense", "dense", "s", "f", {"faiss": wish.json}, tuple(segments), ids, there)


def recall(found: Hits, truth: Hits) -> float:
    """The share of what is true that was found; 1 where nothing is."""
    true = [set(row[row >= 0].tolist()) for row in truth.positions]
    ours = sum(len(row & set(positions.tolist())) for row, positions in zip(true, found.positions, strict=True))
    return ours / max(1, sum(map(len, true))) if any(true) else 1.0
