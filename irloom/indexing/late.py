"""Late interaction: MaxSim of queries and documents given as token vectors."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import TokenBatch
from irloom.core.errors import ModelError, ShapeMismatch

Rows = NDArray[np.float16] | NDArray[np.float32]


class MaxSim:
    """Scores documents against queries: sum over query tokens of w * max over document tokens of the inner product.

    The weights w are the queries' own, 1 where they have none; weights of document tokens are not read. A score depends on
    the pair alone: equal vectors give equal bits whatever else is scored, in whatever order, by however many threads.
    A document without tokens scores -sum(w * |q|), below which no document of unit vectors can fall.

    Paper: Khattab, Zaharia, "ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT",
        SIGIR 2020, equation 3.

    Args:
        queries: one row of token vectors a query.
        threads: threads that score, 1 or more.

    Raises:
        ModelError: a query vector is not finite.
    """

    def __init__(self, queries: TokenBatch, *, threads: int = 1) -> None:
        self.vectors = np.ascontiguousarray(queries.vectors, np.float32)
        self.offsets = np.ascontiguousarray(queries.offsets, np.int64)
        if not np.isfinite(self.vectors).all():
            raise ModelError("a query's token vectors are not finite")
        ones = np.ones(len(self.vectors), np.float32)
        self.weights = ones if queries.weights is None else np.ascontiguousarray(queries.weights, np.float32)
        self.threads = threads
        lengths = np.abs(self.weights.astype(np.float64)) * np.linalg.norm(self.vectors.astype(np.float64), axis=1)
        sums = np.concatenate([[0.0], np.cumsum(lengths)])
        self._least = -(sums[self.offsets[1:]] - sums[self.offsets[:-1]]).astype(np.float32)

    def scores(self, wanted: Sequence[NDArray[np.int64]], rows: Callable[[int], Rows]) -> list[NDArray[np.float32]]:
        """float32 (n_i,) for each document i: its scores for the queries wanted[i].

        Args:
            wanted: for each document int64 (n_i,), numbers of queries.
            rows: gives the (tokens, dim) vectors of document i; called once for each.
        """
        if self.threads == 1:
            return [self._document(queries, rows(i)) for i, queries in enumerate(wanted)]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(lambda i: self._document(wanted[i], rows(i)), range(len(wanted))))

    def _document(self, wanted: NDArray[np.int64], rows: Rows) -> NDArray[np.float32]:
        from irloom.indexing.kernels.maxsim import maxsim_scores, turn_halves

        if rows.ndim != 2 or rows.shape[1] != self.vectors.shape[1]:
            raise ShapeMismatch("a document's token vectors", expected=f"(tokens, {self.vectors.shape[1]})", found=rows.shape)
        if not len(rows):
            return np.asarray(self._least[wanted], np.float32)
        if rows.dtype == np.float16:
            turned = np.empty((rows.shape[1], len(rows)), np.float32)
            turn_halves(np.ascontiguousarray(rows).view(np.uint16), turned)
        else:
            turned = np.ascontiguousarray(rows.T, np.float32)
        scores = np.empty(len(wanted), np.float32)
        maxsim_scores(self.vectors, self.offsets, self.weights, wanted, turned, np.empty(len(rows), np.float32), scores)
        return scores
