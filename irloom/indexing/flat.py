"""FlatIndex: exact search by inner product over memory-mapped vectors.

Candidates come from a matrix product, whose sums depend on the shape of the call and on the number of threads; their
final scores come from one kernel that sums in a fixed order. A document is passed over only if its rough score lies below
the k-th best final score so far by more than the two can differ, so the result is that of the kernel alone, bit for bit.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Bitmaps, Hits
from irloom.core.errors import BadValue, Corrupt, ModelError, ShapeMismatch
from irloom.core.files import map_array
from irloom.indexing.id_table import IdTable
from irloom.indexing.parts import PartView
from irloom.indexing.processors import thread_count

VECTORS, NORMS = "vectors.npy", "norms.npy"
BLOCK_BYTES = 8 << 20
"""Bytes of float32 vectors, and of scores, that a thread looks at together."""
CACHED_BYTES = 1 << 20
"""The same where vectors are read more than once, for few queries or to make float16 float32: what stays in the processor's cache."""
FEW, MANY = 8, 64
"""Up to FEW queries are scored one by one at memory speed; from there BLAS is faster, below MANY with the documents on the left."""
QUERIES = 256
"""Queries that pass over the documents together."""
LEAST_SHARE = 8192
"""Documents that are worth a thread of their own."""


@dataclass(frozen=True, slots=True)
class _Heaps:
    """The best documents so far of each query: see `take_best`."""

    sizes: NDArray[np.int64]
    scores: NDArray[np.float32]
    ranks: NDArray[np.int32]
    positions: NDArray[np.int64]

    @classmethod
    def empty(cls, n: int, k: int) -> "_Heaps":
        last = np.iinfo(np.int32).max
        return cls(
            np.zeros(n, np.int64), np.full((n, k), -np.inf, np.float32), np.full((n, k), last, np.int32), np.full((n, k), -1, np.int64)
        )


class FlatIndex:
    """An Index of DenseBatch that scores every document. Memory stays at a few blocks whatever the number of documents.

    Args:
        vectors: float32 or float16 (documents, dim), finite; usually a memory map.
        ids: the documents' ids, one a row.
        norms: float32 (documents,), lengths of the vectors or upper bounds of them; reckoned here when left out.
        threads: threads that search; as many as there are processors when left out.

    Raises:
        ShapeMismatch: the arrays do not belong together.
        BadValue: `threads` is less than 1.
    """

    def __init__(self, vectors: DenseBatch, ids: IdTable, *, norms: NDArray[np.float32] | None = None, threads: int | None = None) -> None:
        if vectors.ndim != 2 or len(vectors) != len(ids):
            raise ShapeMismatch("vectors", expected=f"({len(ids)}, dim)", found=vectors.shape)
        if norms is not None and norms.shape != (len(ids),):
            raise ShapeMismatch("norms", expected=f"({len(ids)},)", found=norms.shape)
        self.rows, self.table, self.threads = vectors, ids, thread_count(threads)
        longest = lengths_of(vectors).max(initial=0.0) if norms is None else norms.max(initial=0.0)
        self._longest = float(longest)
        if not np.isfinite(self._longest):
            raise ModelError("the vectors of the index are not finite")

    @classmethod
    def open(cls, part: PartView, *, threads: int | None = None) -> "FlatIndex":
        """The index of a dense part.

        Raises:
            Corrupt: a file is missing, truncated, or does not fit the collection.
        """
        vectors, norms = map_array(part.folder / VECTORS), map_array(part.folder / NORMS, dtype=np.float32)
        if vectors.dtype not in (np.float32, np.float16) or vectors.ndim != 2 or len(vectors) != len(part.ids):
            raise Corrupt(part.folder / VECTORS, f"{vectors.dtype} {vectors.shape}, expected one row a document, {len(part.ids)}")
        if norms.shape != (len(vectors),):
            raise Corrupt(part.folder / NORMS, f"the shape {norms.shape}, expected ({len(vectors)},)")
        return cls(vectors, part.ids, norms=norms, threads=threads)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return int(self.rows.shape[1])

    def __len__(self) -> int:
        return len(self.rows)

    def vectors(self, positions: NDArray[np.int64]) -> DenseBatch:
        """The vectors at int64 (n,) positions, (n, dim) in the type that is stored."""
        return self.rows[positions]

    def ids(self, positions: NDArray[np.int64]) -> list[str]:
        """The ids at int64 (n,) positions."""
        return self.table.ids(positions)

    def search(self, batch: DenseBatch, *, k: int, allowed: Bitmaps | None = None) -> Hits:
        """The best `k` documents of each query vector by inner product; of equal ones the greater id comes first.

        A score is the float64 sum of the products in a fixed order, rounded to float32: equal vectors give equal bits,
        whatever the threads and whatever else is in the batch.

        Args:
            batch: float32 or float16 (n, dim), one query a row.
            k: documents wanted of each.
            allowed: bool (n, documents), which documents each query may find; None for all.

        Raises:
            BadValue: `k` is negative.
            ShapeMismatch: the width is not the index's, or `allowed` does not fit.
            ModelError: a query vector is not finite, or too long for its scores to be.
        """
        if k < 0:
            raise BadValue("k", k, "0 or more")
        queries, slack = self._checked(batch)
        if allowed is not None and allowed.shape != (len(queries), len(self)):
            raise ShapeMismatch("allowed", expected=f"({len(queries)}, {len(self)})", found=allowed.shape)
        hits = Hits(np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32))
        width = min(k, len(self))
        if not width:
            return hits
        for start in range(0, len(queries), QUERIES):
            some = slice(start, start + QUERIES)
            permitted = None if allowed is None else allowed[some]
            hits.positions[some, :width], hits.scores[some, :width] = self._best(queries[some], slack[some], width, permitted)
        return hits

    def _checked(self, batch: DenseBatch) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """The queries as float32 (n, dim), and float64 (n,): how far a rough score can be from the final one."""
        if batch.ndim != 2 or batch.shape[1] != self.dim:
            raise ShapeMismatch("the query vectors", expected=f"(n, {self.dim})", found=batch.shape)
        queries = np.ascontiguousarray(batch, np.float32)
        bad = np.flatnonzero(~np.isfinite(queries).all(axis=1))
        if len(bad):
            raise ModelError(f"query vector {int(bad[0])} has numbers that are not finite; the encoder must give finite ones")
        reach = np.linalg.norm(queries.astype(np.float64), axis=1) * self._longest
        if reach.max(initial=0.0) > 1e37:
            raise ModelError(f"query vector {int(reach.argmax())} is too long: its scores would not be finite in float32")
        return queries, slack_of(reach, self.dim)

    def _best(
        self, queries: NDArray[np.float32], slack: NDArray[np.float64], k: int, allowed: Bitmaps | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        shares = max(1, min(self.threads, len(self) // LEAST_SHARE))
        cuts = [len(self) * share // shares for share in range(shares + 1)]
        ranges = list(pairwise(cuts))
        if shares == 1:
            heaps = [self._scan(queries, slack, k, allowed, *ranges[0])]
        else:
            with ThreadPoolExecutor(shares) as pool:
                heaps = list(pool.map(lambda share: self._scan(queries, slack, k, allowed, *share), ranges))
        scores = np.concatenate([heap.scores for heap in heaps], axis=1)
        ranks = np.concatenate([heap.ranks for heap in heaps], axis=1)
        positions = np.concatenate([heap.positions for heap in heaps], axis=1)
        order = np.lexsort((ranks, -scores), axis=1)[:, :k]
        return np.take_along_axis(positions, order, axis=1), np.take_along_axis(scores, order, axis=1)

    def _scan(
        self, queries: NDArray[np.float32], slack: NDArray[np.float64], k: int, allowed: Bitmaps | None, start: int, end: int
    ) -> _Heaps:
        """The best `k` of documents start:end."""
        from irloom.indexing.kernels.topk import take_best

        heaps = _Heaps.empty(len(queries), k)
        precise = queries.astype(np.float64)
        cached = self.rows.dtype == np.float16 or len(queries) <= FEW
        block = block_rows(self.dim, len(queries), CACHED_BYTES if cached else BLOCK_BYTES)
        rough = np.empty(len(queries) * min(block, end - start), np.float32)
        for first, rows in whole_blocks(self.rows, start, end, block):
            after = first + len(rows)
            scores = rough[: len(queries) * len(rows)].reshape(len(queries), len(rows))
            rough_scores(queries, rows, scores)
            permitted = np.empty((0, 0), np.bool_) if allowed is None else np.ascontiguousarray(allowed[:, first:after], np.bool_)
            ranks = np.ascontiguousarray(self.table.rank[first:after])
            take_best(scores, slack, rows, precise, permitted, ranks, first, heaps.sizes, heaps.scores, heaps.ranks, heaps.positions)
        return heaps


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


def rough_scores(queries: NDArray[np.float32], rows: NDArray[np.float32], scores: NDArray[np.float32]) -> None:
    """Writes the inner products of float32 (q, dim) and (n, dim) into float32 (q, n) `scores`, in the fastest way."""
    from irloom.indexing.kernels.dot import rough_dots

    if len(queries) <= FEW:
        for query, out in zip(queries, scores, strict=True):
            rough_dots(rows, query, out)
    elif len(queries) < MANY:
        scores[:] = (rows @ queries.T).T
    else:
        np.matmul(queries, rows.T, out=scores)


def block_rows(dim: int, queries: int, size: int) -> int:
    """Documents that a thread looks at together: their float32 vectors and their scores take `size` bytes at most each."""
    return max(64, size // (4 * max(dim, queries, 1)))


def whole_blocks(vectors: DenseBatch, start: int, end: int, block: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Rows start:end of float32 or float16 (n, dim) in blocks, each with its first row's number, as contiguous float32."""
    from irloom.indexing.kernels.dot import widen

    half = vectors.dtype == np.float16
    buffer = np.empty((min(block, end - start), vectors.shape[1]), np.float32) if half else None
    for first in range(start, end, block):
        rows = np.ascontiguousarray(vectors[first : min(first + block, end)])
        if buffer is not None:
            whole = buffer[: len(rows)]
            widen(rows.view(np.uint16), whole)
            yield first, whole
        else:
            yield first, rows.astype(np.float32, copy=False)


def lengths_of(vectors: DenseBatch) -> NDArray[np.float32]:
    """float32 (n,): an upper bound of each row's length, one float32 step at most above it."""
    lengths = np.empty(len(vectors), np.float32)
    for first, rows in whole_blocks(vectors, 0, len(vectors), block_rows(vectors.shape[1], 1, CACHED_BYTES)):
        exact = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        lengths[first : first + len(rows)] = np.nextafter(exact.astype(np.float32), np.float32(np.inf))
    return lengths
