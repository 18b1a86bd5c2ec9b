"""The best of candidates that were scored: score, then rank."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.topk import merge_heaps, offer


@kernel
def best_candidates(
    found: NDArray[np.int64],
    found_scores: NDArray[np.float32],
    rank: NDArray[np.int32],
    scores: NDArray[np.float32],
    positions: NDArray[np.int64],
) -> None:
    """Writes the best candidates of each query, best first.

    Args:
        found: int64 (q, m), positions; -1 for none.
        found_scores: float32 (q, m).
        rank: int32 (positions,), the smaller one wins a tie.
        scores: float32 (q, k), full of -inf; written.
        positions: int64 (q, k), full of -1; written.
    """
    k = scores.shape[1]
    sizes, ranks = np.zeros((1, len(found)), np.int64), np.empty((1, len(found), k), np.int32)
    for query in range(len(found)):
        size = 0
        for place in range(found.shape[1]):
            position = found[query, place]
            if position >= 0:
                size = offer(scores[query], ranks[0, query], positions[query], size, found_scores[query, place], rank[position], position)
        sizes[0, query] = size
    merge_heaps(sizes, scores.reshape((1, len(found), k)), ranks, positions.reshape((1, len(found), k)))
