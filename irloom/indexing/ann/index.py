"""AnnIndex: candidates from FAISS, scored with the vectors themselves, over all segments of a part."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Hits, Mask
from irloom.core.errors import BadValue, Corrupt, ModelError, ShapeMismatch
from irloom.core.once import Once
from irloom.indexing.ann.choice import SMALL
from irloom.indexing.ann.family import Family, selector_of
from irloom.indexing.ann.library import threads as faiss_threads
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.segment import open_family
from irloom.indexing.ann.settings import HARDEST, SegmentRecord, Setting
from irloom.indexing.ann.settings import NAME as RECORD
from irloom.indexing.flat import FlatIndex
from irloom.indexing.parts import PartSegment, PartView
from irloom.indexing.strings import read_only

QUERIES = 256
"""Queries that are asked together."""
NEIGHBOURS = 100
"""Vectors that a scan compares in the time in which a walk through a graph goes one step, about."""


class AnnIndex:
    """An approximate Index of DenseBatch.

    Candidates come from FAISS's index of each segment, segments without one are scanned, and all are scored in one fixed order with
    the vectors as they lie on disk: a document's score is what `FlatIndex` gives it, and equal ones come by their ids.
    Where few documents may be found, or the candidates are too few, the allowed ones are all scored.

    Args:
        part: a dense part.
        threads: threads that search; as many as there are processors when left out.
        effort: multiplies what was calibrated: more finds more and takes longer.

    Raises:
        Corrupt: a file is missing or damaged.
        BadValue: `threads` is less than 1, or `effort` not above 0.
    """

    def __init__(self, part: PartView, *, threads: int | None = None, effort: float = 1.0) -> None:
        if not 0 < effort < math.inf:
            raise BadValue("effort", effort, "a number above 0")
        self.part, self.effort = part, effort
        self.flat = FlatIndex.open(part, threads=threads)
        self.threads = self.flat.threads
        indexed = [segment for segment in part.segments if (segment.folder / RECORD).exists()]
        if indexed and part.trained is None:
            raise Corrupt(indexed[0].folder / RECORD, "the part has nothing that its segments share")
        self._indexed: tuple[PartSegment, ...] = tuple(indexed)
        self.records = [SegmentRecord.read(segment.folder) for segment in indexed]
        for segment, record in zip(indexed, self.records, strict=True):
            if record.documents != segment.documents:
                raise Corrupt(segment.folder / RECORD, f"{record.documents} documents, expected {segment.documents}")
        self.recipe = Recipe.read(part.trained) if indexed and part.trained is not None else None
        if self.recipe is not None and self.recipe.dim != self.flat.dim:
            raise Corrupt(indexed[0].folder / RECORD, f"an index of {self.recipe.dim} dimensions; the vectors have {self.flat.dim}")
        self._family: Once[Family] = Once()
        self._own = _outside(len(self), indexed, part.live)
        self._live = [None if segment.live is None else selector_of(segment.live) for segment in indexed]

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self.flat.dim

    def __len__(self) -> int:
        return len(self.flat)

    def vectors(self, positions: NDArray[np.int64]) -> DenseBatch:
        """The vectors at int64 (n,) positions, (n, dim) in the type that is stored."""
        return self.flat.vectors(positions)

    def ids(self, positions: NDArray[np.int64]) -> list[str]:
        """The ids at int64 (n,) positions."""
        return self.flat.ids(positions)

    def search(self, batch: DenseBatch, *, k: int, allowed: Mask | None = None, setting: Setting | None = None) -> Hits:
        """The best `k` documents of each query vector by inner product, of those that are found; of equal ones the greater id comes first.

        Args:
            batch: float32 or float16 (n, dim), one query a row.
            k: documents wanted of each.
            allowed: bool (positions,), which documents may be found; None for all that are not deleted.
            setting: how hard to try; None for what was calibrated for this k.

        Raises:
            BadValue: `k` is negative.
            ShapeMismatch: the width is not the index's, or `allowed` does not fit.
            ModelError: a query vector is not finite.
            MissingExtra: FAISS is not installed.
            Corrupt: a file of the index is damaged.
        """
        if allowed is not None and allowed.shape != (len(self),):
            raise ShapeMismatch("allowed", expected=f"({len(self)},)", found=allowed.shape)
        if self.recipe is None or not k or not len(batch):
            return self.flat.search(batch, k=k, allowed=allowed)
        if k < 0:
            raise BadValue("k", k, "0 or more")
        if batch.ndim != 2 or batch.shape[1] != self.dim:
            raise ShapeMismatch("the query vectors", expected=f"(n, {self.dim})", found=batch.shape)
        queries = np.ascontiguousarray(batch, np.float32)
        if not np.isfinite(queries).all():
            raise ModelError("a query vector has numbers that are not finite; the encoder must give finite ones")
        settings = [record.setting(k, times=self.effort) if setting is None else setting for record in self.records]
        mask = self.part.live if allowed is None else allowed
        count = len(self) if mask is None else int(np.count_nonzero(mask))
        if allowed is not None and count <= self._worth_scanning(settings):
            return self.flat.search(batch, k=k, allowed=allowed)
        hits = Hits(np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32))
        for start in range(0, len(queries), QUERIES):
            some = slice(start, start + QUERIES)
            self._best(queries[some], k, allowed, settings, hits.positions[some], hits.scores[some])
        short = np.flatnonzero(hits.positions[:, min(k, count) - 1] < 0) if count else np.empty(0, np.int64)
        if len(short):
            exact = self.flat.search(batch[short], k=k, allowed=allowed)
            hits.positions[short], hits.scores[short] = exact.positions, exact.scores
        return hits

    def _worth_scanning(self, settings: Sequence[Setting]) -> int:
        """Documents that are scored faster than they are looked for."""
        if any(record.filtered > HARDEST for record in self.records):
            return len(self)
        if self.recipe is None or self.recipe.kind.family != "graph":
            return SMALL
        effort = max(setting.effort * record.filtered for setting, record in zip(settings, self.records, strict=True))
        return max(SMALL, int(math.sqrt(NEIGHBOURS * effort * len(self))))

    def _best(
        self,
        queries: NDArray[np.float32],
        k: int,
        allowed: Mask | None,
        settings: Sequence[Setting],
        positions: NDArray[np.int64],
        scores: NDArray[np.float32],
    ) -> None:
        """Writes int64 (q, k) positions and float32 (q, k) scores."""
        from irloom.indexing.kernels.topk import best_of

        family = self._opened()
        asked = [self._asked(place, k, allowed, setting, family) for place, setting in enumerate(settings)]
        with faiss_threads(self.threads):
            prepared = family.prepare(queries, max(effort for effort, _, _ in asked))
            pieces = [self._find(place, family, prepared, *one, allowed) for place, one in enumerate(asked)]
        outside = self._own if allowed is None or self._own is None else self._own & allowed
        if outside is not None and outside.any():
            pieces.append(self.flat.search(queries, k=k, allowed=outside).positions)
        found, counts = _packed(pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1))
        rank = read_only(self.part.ids.rank)
        best_of(counts[None], self.flat.rows.scores(queries, found)[None], found[None], rank, scores, positions)

    def _asked(self, place: int, k: int, allowed: Mask | None, setting: Setting, family: Family) -> tuple[int, int, Any]:
        """Effort, candidates and selector for a segment; the effort grows as fewer may be found, so that as many are compared."""
        segment = self._indexed[place]
        live = segment.live if allowed is None else allowed[segment.base : segment.base + segment.documents]
        share = 1.0 if live is None else max(int(np.count_nonzero(live)), 1) / segment.documents
        times = 1.0 if allowed is None else self.records[place].filtered
        effort = math.ceil(setting.effort * times / share)
        width = math.ceil(k * setting.factor * (times if self.recipe is not None and self.recipe.kind.bits < 32 else 1))
        if not family.selects:
            width = math.ceil(width / share)
        selector = None
        if live is not None and family.selects:
            selector = self._live[place] if allowed is None else selector_of(live)
        return min(effort, family.most[place]), min(width, segment.documents), selector

    def _find(
        self, place: int, family: Family, prepared: Any, effort: int, width: int, selector: Any, allowed: Mask | None
    ) -> NDArray[np.int64]:
        """int64 (q, width) positions in one segment; -1 for none."""
        segment = self._indexed[place]
        found = family.find(place, prepared, width, effort, selector)
        if found.max(initial=-1) >= segment.documents:
            raise Corrupt(segment.folder, "its index names a vector that is not there")
        live = segment.live if allowed is None else allowed[segment.base : segment.base + segment.documents]
        if live is not None and not family.selects:
            found = np.where((found >= 0) & live[found], found, -1)
        return found if not segment.base else np.where(found >= 0, found + segment.base, -1)

    def _opened(self) -> Family:
        return self._family.get(self._open)

    def _open(self) -> Family:
        assert self.recipe is not None
        assert self.part.trained is not None
        folders = [segment.folder for segment in self._indexed]
        return open_family(self.recipe, self.part.trained, folders, [segment.documents for segment in self._indexed])


def open_index(part: PartView, *, threads: int | None = None, effort: float = 1.0) -> AnnIndex:
    """The approximate index of a dense part.

    Args:
        part: one whose parameters have "faiss".
        threads: threads that search; None for as many as there are processors.
        effort: multiplies what was calibrated: more finds more and takes longer.

    Raises:
        Corrupt: a file of the part is missing or damaged.
        BadValue: `threads` is less than 1, or `effort` not above 0.
    """
    return AnnIndex(part, threads=threads, effort=effort)


def _packed(found: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The candidates int64 (q, m) with those that are none, -1, at the end of their rows, and int64 (q,) how many are left in each."""
    there = found >= 0
    if not there.all():
        found = np.take_along_axis(found, np.argsort(~there, axis=1, kind="stable"), axis=1)
    return np.ascontiguousarray(found), np.count_nonzero(there, axis=1).astype(np.int64)


def _outside(total: int, indexed: Sequence[PartSegment], live: Mask | None) -> Mask | None:
    """Bool (total,): documents that are not deleted, of segments without an index; None where each segment has one."""
    outside = np.ones(total, np.bool_) if live is None else live.copy()
    for segment in indexed:
        outside[segment.base : segment.base + segment.documents] = False
    return outside if outside.any() else None
