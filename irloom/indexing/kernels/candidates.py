"""The best of candidates that were scored: score, then rank."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel


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
        scores: float32 (q, k), written as far as there are candidates.
        positions: int64 (q, k), written likewise.
    """
    fallen, places = np.empty(found.shape[1], np.float32), np.empty(found.shape[1], np.int64)
    for query in range(len(found)):
        count = 0
        for place in range(found.shape[1]):
            if found[query, place] >= 0:
                fallen[count], places[count] = -found_scores[query, place], place
                count += 1
        order = np.argsort(fallen[:count])
        for i in range(1, count):  # those of equal scores by their ranks
            j, moved = i, order[i]
            own = rank[found[query, places[moved]]]
            while j > 0 and fallen[order[j - 1]] == fallen[moved] and rank[found[query, places[order[j - 1]]]] > own:
                order[j] = order[j - 1]
                j -= 1
            order[j] = moved
        for i in range(min(count, scores.shape[1])):
            place = places[order[i]]
            scores[query, i], positions[query, i] = found_scores[query, place], found[query, place]
