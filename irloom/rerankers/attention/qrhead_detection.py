"""How QRHead finds its heads: by what each head's attention alone makes of the relevant documents."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import DataError
from irloom.models.settings import one_of
from irloom.rerankers.attention.examples import Example
from irloom.rerankers.attention.lists import ListScorer

CRITERIA: Final = ("ndcg", "mass")
"""nDCG@10 of the order by one head alone; or what the head gives to the relevant documents, summed."""

CUT = 10


def qrhead_scores(scorer: ListScorer, examples: Iterable[Example], *, criterion: str = "ndcg") -> NDArray[np.float32]:
    """A score a head, its mean over the examples.

    Args:
        scorer: with ICR's prompt and calibrated attention of all heads; its signal's heads are not looked at.
        examples: what is read; one or more.
        criterion: one of CRITERIA; the authors took "ndcg" for BEIR, "mass" for long memory.

    Returns:
        float32 (layers, heads).

    Raises:
        BadValue: no such criterion.
        DataError: there is no example.
        ModelError: the model cannot be used.

    Paper:
        W. Zhang et al., Query-Focused Retrieval Heads Improve Long-Context Reasoning and Re-ranking, EMNLP 2025, and its code.
    """
    one_of("criterion", criterion, CRITERIA)
    found = []
    for example in examples:
        scores = scorer.per_head(example.query, example.texts)
        gains = np.maximum(np.array(example.grades, np.float64), 0)
        if criterion == "mass":
            found.append(scores[..., gains > 0].sum(axis=-1, dtype=np.float64))
        else:
            found.append(ndcg_of(scores, gains, np.array(example.judged, np.float64)))
    if not found:
        raise DataError("no query has a relevant document and another one that fit a prompt; heads cannot be found")
    return np.asarray(np.mean(found, axis=0), np.float32)


def ndcg_of(scores: NDArray[np.float32], gains: NDArray[np.float64], judged: NDArray[np.float64]) -> NDArray[np.float64]:
    """nDCG@10 of many orders of the same documents; equal scores keep the order given.

    Args:
        scores: float32 (..., n).
        gains: float64 (n,), 0 or more.
        judged: float64 (m,), the gains of all relevant documents, found or not.

    Returns:
        float64 (...).

    >>> ndcg_of(np.array([[2, 1], [1, 2]], np.float32), np.array([1.0, 0.0]), np.array([1.0])).round(3).tolist()
    [1.0, 0.631]
    """
    discounts = 1 / np.log2(np.arange(2, CUT + 2))
    order = np.argsort(-scores, axis=-1, kind="stable")[..., :CUT]
    best = np.sort(judged)[::-1][:CUT]
    return np.asarray((gains[order] * discounts[: order.shape[-1]]).sum(axis=-1) / (best * discounts[: len(best)]).sum())
