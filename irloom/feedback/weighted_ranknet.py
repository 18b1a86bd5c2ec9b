"""Weighted RankNet: how far scores are from an order, and its gradient, in numpy."""

import numpy as np
from numpy.typing import NDArray

_GREATEST = 700.0
"""Above this the exponential leaves float64; its reciprocal is 0 to 300 digits there."""


def weighted_ranknet(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The loss of scores whose target is the order in which they stand, best first.

    With ranks r from 1 it is the mean, over all pairs where i stands before j, of log(1 + exp(-(s_i - s_j))) / (r_i + r_j): the mean over
    pairs, not divided by the sum of the weights. One score, or none, has no pairs and a loss of 0.

    Args:
        scores: float64 (lists, n).

    Returns:
        float64 (lists,).

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024, section 3.2.

    >>> round(float(weighted_ranknet(np.array([[0.5, 2.0, -1.0, 1.0]]))[0]), 6)
    0.196347
    """
    losses: NDArray[np.float64] = (_weights(scores.shape[1]) * np.logaddexp(0.0, -_differences(scores))).sum(axis=(1, 2))
    return losses


def weighted_ranknet_gradient(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gradient of `weighted_ranknet` by the scores: float64 (lists, n)."""
    pulls = _weights(scores.shape[1]) / (1.0 + np.exp(np.minimum(_differences(scores), _GREATEST)))
    gradient: NDArray[np.float64] = pulls.sum(axis=1) - pulls.sum(axis=2)
    return gradient


def _weights(n: int) -> NDArray[np.float64]:
    """float64 (n, n): what the pair of places i and j weighs; 0 unless i stands before j."""
    ranks = np.arange(1, n + 1)
    return np.triu(1.0 / (ranks[:, None] + ranks[None, :]), k=1) / max(1, n * (n - 1) // 2)


def _differences(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return scores[:, :, None] - scores[:, None, :]
