"""RankNet, plain and with FIRST's weights."""

import torch
from torch import Tensor
from torch.nn.functional import softplus


def ranknet(scores: Tensor, ranks: Tensor) -> Tensor:
    """Mean over the pairs i better than j of log(1 + exp(-(s_i - s_j))).

    Args:
        scores: float32 (n,), higher is better.
        ranks: (n,), lower is better; equal ranks make no pair.

    Returns:
        float32 (), 0 with zero gradient where there is no pair.

    Paper:
        C. Burges et al., Learning to Rank using Gradient Descent, ICML 2005.
    """
    losses, _ = _pairs(scores, ranks)
    return _mean(losses, scores)


def weighted_ranknet(scores: Tensor, ranks: Tensor) -> Tensor:
    """RankNet with each pair times 1 / (r_i + r_j); the mean is over pairs, not over weights.

    Args:
        scores: float32 (n,), higher is better.
        ranks: (n,), counted from 1 within the list, lower is better; equal ranks make no pair.

    Returns:
        float32 (), 0 with zero gradient where there is no pair.

    Paper:
        R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024, section 3.2.

    Differs:
        The authors sort the model's own scores into the target's order and compare those, so that a pair with equal scores is lost;
        here ranks are taken as they are.
    """
    losses, sums = _pairs(scores, ranks)
    return _mean(losses / sums, scores)


def _pairs(scores: Tensor, ranks: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of each pair, float32 (pairs,), and the sum of its ranks, float32 (pairs,)."""
    better, worse = torch.nonzero(ranks[:, None] < ranks[None, :], as_tuple=True)
    return softplus(scores[worse] - scores[better]), (ranks[better] + ranks[worse]).to(scores.dtype)


def _mean(losses: Tensor, scores: Tensor) -> Tensor:
    return losses.mean() if len(losses) else scores.sum() * 0
