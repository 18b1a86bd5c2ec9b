"""Weighted RankNet: how far scores are from an order, with its gradient, in numpy."""

import numpy as np
from numpy.typing import NDArray


def weighted_ranknet(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The loss of scores whose target is the order in which they stand, best first, and its gradient.

    With ranks r from 1 it is the mean, over all pairs where i stands before j, of log(1 + exp(-(s_i - s_j))) / (r_i + r_j): the mean over
    pairs, not divided by the sum of the weights. One score, or none, has no pairs and a loss of 0.

    Args:
        scores: float64 (lists, n).

    Returns:
        float64 (lists,), the losses, and float64 (lists, n), their gradients by the scores.

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024, section 3.2.

    >>> loss, gradient = weighted_ranknet(np.array([[0.5, 2.0, -1.0, 1.0]]))
    >>> round(float(loss[0]), 6)
    0.196347
    """
    lists, n = scores.shape
    if n < 2:
        return np.zeros(lists), np.zeros((lists, n))
    ranks = np.arange(1, n + 1)
    weights = np.triu(1.0 / (ranks[:, None] + ranks[None, :]), k=1) / (n * (n - 1) / 2)
    differences = scores[:, :, None] - scores[:, None, :]
    losses = (weights * np.logaddexp(0.0, -differences)).sum(axis=(1, 2))
    pulls = weights * np.exp(-np.logaddexp(0.0, differences))  # 1 / (1 + exp(s_i - s_j)), without overflow
    return losses, pulls.sum(axis=1) - pulls.sum(axis=2)
