"""LambdaRank: pairs weighted by what a swap of the two would do to nDCG."""

import torch
from torch import Tensor
from torch.nn.functional import softplus

LN2 = 0.6931471805599453


def lambdarank(scores: Tensor, labels: Tensor) -> Tensor:
    """Mean over the pairs with y_i > y_j of -log2 sigmoid(s_i - s_j), times |1/D_i - 1/D_j| |G_i - G_j|.

    D is log2(1 + place by predicted score, counted from 1), G the gain 2^y - 1 over the best possible DCG. The weights have no gradient.

    Args:
        scores: float32 (n,).
        labels: (n,), higher is better; below 0 counts as 0.

    Returns:
        float32 (), 0 with zero gradient where there is no pair.

    Paper:
        X. Wang et al., The LambdaLoss Framework for Ranking Metric Optimization, CIKM 2018, section 4.
    """
    labels = labels.to(scores.dtype).clamp(min=0)
    better, worse = torch.nonzero(labels[:, None] > labels[None, :], as_tuple=True)
    if not len(better):
        return scores.sum() * 0
    places = torch.empty_like(scores).detach()
    places[torch.argsort(-scores.detach(), stable=True)] = torch.arange(1, len(scores) + 1, dtype=scores.dtype, device=scores.device)
    gains = torch.exp2(labels) - 1
    best = (torch.sort(gains, descending=True).values / torch.log2(torch.arange(2, len(scores) + 2, dtype=scores.dtype))).sum()
    discounts, gains = 1 / torch.log2(1 + places), gains / best
    weights = (discounts[better] - discounts[worse]).abs() * (gains[better] - gains[worse]).abs()
    return (weights * softplus(scores[worse] - scores[better])).mean() / LN2
