"""FlatIndex: exact search by inner product over memory-mapped vectors.

Candidates come from sums in float32, fast and in any order; their final scores come from one kernel that sums in a fixed
order. A document is passed over only if its rough score lies below the k-th best final score so far by more than the two
can differ, so the result is that of the kernel alone, bit for bit.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Hits, Mask
from irloom.core.errors import BadValue, ModelError, ShapeMismatch
from irloom.indexing.parts import PartSegment, PartView
from irloom.indexing.processors import thread_count
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.strings import read_only
from irloom.indexing.vectors import Vectors

if TYPE_CHECKING:
    from irloom.indexing.kernels.flat import Asked
    from irloom.indexing.kernels.topk import Candidates

QUERIES = 256
"""Queries that pass over the documents together."""
CANDIDATES = 1 << 23
"""Candidates of all queries that pass together, 12 bytes each in each thread."""
LEAST_SHARE = 8192
"""Documents that are worth a thread of their own."""
_EVERYTHING: Mask = read_only(np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class _Queries:
    """Queries that were checked.

    Attributes:
        vectors: float32 (q, dim).
        slack: float64 (q,), how far a rough score can be from the final one.
    """

    vectors: NDArray[np.float32]
    slack: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.slack)

    def asked(self, some: slice) -> "Asked":
        """Some of them as the scan takes them: one, or with zeros after them up to whole tiles."""
        from irloom.indexing.kernels.dot import TILE
        from irloom.indexing.kernels.flat import Asked

        vectors = self.vectors[some]
        padding = 0 if len(vectors) == 1 else -len(vectors) % TILE
        fast = np.concatenate([vectors, np.zeros((padding, vectors.shape[1]), np.float32)])
        return Asked(fast, vectors.astype(np.float64), self.slack[some])


class FlatIndex:
    """An Index of DenseBatch that scores every document. Memory stays at a few blocks whatever the number of documents.

    Args:
        vectors: of all positions, or of some segments, which alone are searched then.
        table: the ids of all positions; where documents are deleted it says which.
        threads: threads that search; as many as there are processors when left out.

    Raises:
        ShapeMismatch: vectors and ids do not belong together.
        BadValue: `threads` is less than 1.
    """

    def __init__(self, vectors: Vectors, table: SnapshotIds, *, threads: int | None = None) -> None:
        if vectors.bases[-1] + len(vectors.segments[-1]) > len(table):
            raise ShapeMismatch("vectors", expected=f"({len(table)}, dim)", found=(len(vectors), vectors.dim))
        self.rows, self.table, self.threads = vectors, table, thread_count(threads)

    @classmethod
    def open(cls, part: PartView, *, threads: int | None = None, segments: Sequence[PartSegment] | None = None) -> "FlatIndex":
        """The index of a dense part, or of some of its segments.

        Raises:
            Corrupt: a file is missing, truncated, or does not fit the collection.
        """
        return cls(Vectors.open(part, segments=segments), part.ids, threads=threads)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self.rows.dim

    def __len__(self) -> int:
        return len(self.table)

    def vectors(self, positions: NDArray[np.int64]) -> DenseBatch:
        """The vectors at int64 (n,) positions, (n, dim) in the type that is stored."""
        return self.rows.take(positions)

    def ids(self, positions: NDArray[np.int64]) -> list[str]:
        """The ids at int64 (n,) positions."""
        return self.table.ids(positions)

    def search(self, batch: DenseBatch, *, k: int, allowed: Mask | None = None) -> Hits:
        """The best `k` documents of each query vector by inner product; of equal ones the greater id comes first.

        A score is the float64 sum of the products in a fixed order, rounded to float32: equal vectors give equal bits,
        whatever the threads, the segments, and whatever else is in the batch. Only vectors that may be found are read.

        Args:
            batch: float32 or float16 (n, dim), one query a row.
            k: documents wanted of each.
            allowed: bool (positions,), which documents may be found; None for all that are not deleted.

        Raises:
            BadValue: `k` is negative.
            ShapeMismatch: the width is not the index's, or `allowed` does not fit.
            ModelError: a query vector is not finite, or too long for its scores to be.
        """
        if k < 0:
            raise BadValue("k", k, "0 or more")
        queries = self._checked(batch)
        if allowed is not None and allowed.shape != (len(self),):
            raise ShapeMismatch("allowed", expected=f"({len(self)},)", found=allowed.shape)
        mask = self.table.live if allowed is None else allowed
        hits = Hits(np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32))
        width = min(k, len(self.rows))
        if not width:
            return hits
        step = max(1, min(QUERIES, CANDIDATES // (2 * width)))
        for start in range(0, len(queries), step):
            some = slice(start, start + step)
            self._best(queries.asked(some), mask, hits.scores[some, :width], hits.positions[some, :width])
        return hits

    def _checked(self, batch: DenseBatch) -> _Queries:
        if batch.ndim != 2 or batch.shape[1] != self.dim:
            raise ShapeMismatch("the query vectors", expected=f"(n, {self.dim})", found=batch.shape)
        vectors = np.ascontiguousarray(batch, np.float32)
        bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
        if len(bad):
            raise ModelError(f"query vector {int(bad[0])} has numbers that are not finite; the encoder must give finite ones")
        reach = np.linalg.norm(vectors.astype(np.float64), axis=1) * self.rows.longest
        if reach.max(initial=0.0) > 1e37:
            raise ModelError(f"query vector {int(reach.argmax())} is too long: its scores would not be finite in float32")
        return _Queries(vectors, slack_of(reach, self.dim))

    def _best(self, asked: "Asked", mask: Mask | None, scores: NDArray[np.float32], positions: NDArray[np.int64]) -> None:
        """Writes float32 and int64 (q, k): the best of each query, best first."""
        from irloom.indexing.kernels.topk import BLOCK, Candidates, best_of

        (queries, k), documents, ranks = scores.shape, len(self.rows), read_only(self.table.rank)
        shares = max(1, min(self.threads, documents // LEAST_SHARE))
        shape = shares, queries, 2 * k + 2 * BLOCK
        sizes, settled = np.zeros(shape[:2], np.int64), np.zeros(shape[:2], np.int64)
        found = Candidates(sizes, settled, np.empty(shape, np.float32), np.empty(shape, np.int64))

        def gather(share: int) -> None:
            own = Candidates(*(column[share] for column in found))
            self._scan(asked, mask, documents * share // shares, documents * (share + 1) // shares, k, ranks, own)

        def settle(share: int) -> None:
            some = slice(queries * share // shares, queries * (share + 1) // shares)
            best_of(sizes[:, some], found.scores[:, some], found.positions[:, some], ranks, scores[some], positions[some])

        if shares == 1:
            gather(0)
            settle(0)
            return
        with ThreadPoolExecutor(shares) as pool:
            list(pool.map(gather, range(shares)))
            list(pool.map(settle, range(shares)))

    def _scan(self, asked: "Asked", mask: Mask | None, start: int, end: int, k: int, ranks: NDArray[np.int32], found: "Candidates") -> None:
        """Adds what may be among the best of the documents start:end, counted over the segments, to the candidates."""
        from irloom.indexing.kernels.flat import scan

        before = 0
        for rows, base in zip(self.rows.segments, self.rows.bases, strict=True):
            low, high, after = max(start - before, 0), min(end - before, len(rows)), base + len(rows)
            before += len(rows)
            if low >= high:
                continue
            allowed = _EVERYTHING if mask is None else read_only(np.ascontiguousarray(mask[base:after], np.bool_))
            none = 0, rows.shape[1]
            whole = read_only(np.empty(none, np.float32)) if rows.dtype == np.float16 else rows.view(np.float32)
            halves = rows.view(np.uint16) if rows.dtype == np.float16 else read_only(np.empty(none, np.uint16))
            scan(whole, halves, low, high, allowed, base, asked, k, ranks, found)


def slack_of(reach: NDArray[np.float64], dim: int) -> NDArray[np.float64]:
    """How far two float32 inner products of the same vectors can differ, summed in any order.

    Args:
        reach: float64 (n,), length of the query times the greatest length of a document: bounds the sum of the products' sizes.
        dim: the number of products.

    Returns:
        float64 (n,): (gamma + u) * reach with u = 2^-24 and gamma = dim u / (1 - dim u) for the rough score, whose sums may be in
        float32, and u for the final one's rounding; a little more for the rounding of `reach`, and for products below the normal range.

    Paper: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition 2002, section 3.1.
    """
    unit = 2.0**-24
    gamma = dim * unit / (1 - dim * unit)
    return (gamma + 2 * unit) * (1 + 1e-6) * reach + dim * 2.0**-126
