"""Moves query vectors so that their scores agree with a teacher's: by its scores, or by its order.

A query vector q scores the passages P by (c / 2) q P', where c is the range of the scores aimed at divided by that of the vector at the
start. Adam, as PyTorch has it, takes a fixed number of steps from there. All is in float64, and each query is reckoned by itself: what
stands beside it in the batch does not matter.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.feedback.weighted_ranknet import weighted_ranknet_gradient

Vectors = NDArray[np.float64]
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Steps:
    """How far to go: `updates` steps of Adam at `learning_rate`."""

    learning_rate: float
    updates: int


SCORE_STEPS = Steps(0.005, 100)
"""Towards a cross-encoder's scores."""
ORDER_STEPS = Steps(0.001, 20)
"""Towards an order: a fifth of the rate, a fifth of the steps."""


def towards_scores(queries: Vectors, passages: Vectors, teacher: Vectors, steps: Steps = SCORE_STEPS) -> Vectors:
    """Query vectors whose softmax over the passages comes near that of the teacher's scores, by the Kullback-Leibler divergence.

    A query whose scores, or whose teacher's, are all equal stays as it is.

    Args:
        queries: float64 (queries, dim).
        passages: float64 (queries, n, dim), the passages of each.
        teacher: float64 (queries, n), finite.
        steps: how far to go.

    Returns:
        float64 (queries, dim).

    Paper:
        R. Reddy et al., ReFIT: Relevance Feedback from a Reranker during Inference, arXiv 2305.11744, 2023, section 3.
    """
    target = _softmax(teacher)
    return _descend(queries, passages, _scales(queries, passages, _range(teacher)), lambda scores: _softmax(scores) - target, steps)


def towards_order(queries: Vectors, passages: Vectors, spread: NDArray[np.float64], steps: Steps = ORDER_STEPS) -> Vectors:
    """Query vectors whose scores come near the order in which the passages stand, by weighted RankNet.

    Args:
        queries: float64 (queries, dim).
        passages: float64 (queries, n, dim), the passages of each in the teacher's order, best first.
        spread: float64 (queries,), the range of scores aimed at: that of the first ranking, since an order has none.
        steps: how far to go.

    Returns:
        float64 (queries, dim).

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024, section 5.
    """
    return _descend(queries, passages, _scales(queries, passages, spread), weighted_ranknet_gradient, steps)


def _descend(queries: Vectors, passages: Vectors, scales: Vectors, gradient: Callable[[Vectors], Vectors], steps: Steps) -> Vectors:
    """The vectors after Adam's steps; `gradient` is that of the loss by the scaled scores."""
    moved = queries.copy()
    first, second = np.zeros_like(moved), np.zeros_like(moved)
    for step in range(1, steps.updates + 1):
        by_score = gradient(scales * _scores(moved, passages))
        by_vector = np.matmul((scales * by_score)[:, None, :], passages)[:, 0]
        first = _BETA_1 * first + (1 - _BETA_1) * by_vector
        second = _BETA_2 * second + (1 - _BETA_2) * by_vector**2
        length = np.sqrt(second) / np.sqrt(1 - _BETA_2**step) + _EPSILON
        moved = moved - steps.learning_rate / (1 - _BETA_1**step) * first / length
    return moved


def _scores(queries: Vectors, passages: Vectors) -> Vectors:
    scores: Vectors = np.matmul(passages, queries[:, :, None])[:, :, 0]
    return scores


def _scales(queries: Vectors, passages: Vectors, spread: NDArray[np.float64]) -> Vectors:
    """float64 (queries, 1): c / 2; 0, which moves nothing, where the scores are all equal."""
    own = _range(_scores(queries, passages))
    return np.divide(spread, own, out=np.zeros_like(own), where=own > 0)[:, None] / 2


def _range(scores: Vectors) -> NDArray[np.float64]:
    return np.ptp(scores, axis=1) if scores.shape[1] else np.zeros(len(scores))


def _softmax(scores: Vectors) -> Vectors:
    raised: Vectors = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Vectors = raised / raised.sum(axis=1, keepdims=True)
    return shares
