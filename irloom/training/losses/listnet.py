"""ListNet: the cross entropy of two distributions over a list."""

import torch
from torch import Tensor


def listnet(scores: Tensor, labels: Tensor) -> Tensor:
    """-sum_i softmax(labels)_i log softmax(scores)_i.

    Args:
        scores: float32 (n,).
        labels: (n,), higher is better.

    Returns:
        float32 (), 0 for an empty list.

    Paper:
        Z. Cao et al., Learning to Rank: From Pairwise Approach to Listwise Approach, ICML 2007, top-one probabilities.
    """
    if not len(scores):
        return scores.sum()
    return -(torch.softmax(labels.to(scores.dtype), dim=0) * torch.log_softmax(scores, dim=0)).sum()
