"""How CoRe heads are found: by how far a head's attention to the relevant document stands above that to hard negatives."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError
from irloom.rerankers.attention.examples import Example
from irloom.rerankers.attention.lists import ListScorer


def core_scores(scorer: ListScorer, examples: Iterable[Example], *, tau: float) -> NDArray[np.float32]:
    """A score a head, its mean over the examples.

    Args:
        scorer: with CoRe's prompt, without tokens behind a document, and attention without calibration or token filter.
        examples: what is read, one relevant document in each; one or more.
        tau: the temperature, more than 0; the authors took 0.1 for Llama-3.1-8B and Phi-4, 0.001 for Mistral-7B and Granite-3.2-8B.

    Returns:
        float32 (layers, heads), 0 to 1.

    Raises:
        BadValue: `tau` is not more than 0.
        DataError: there is no example.
        ModelError: the model cannot be used.

    Paper:
        L. Tran, Y. Li, R. Florian and W. Sun, Contrastive Retrieval Heads Improve Attention-Based Re-Ranking, arXiv 2510.02219, 2025.
    """
    found = []
    for example in examples:
        masses = scorer.per_head(example.query, example.texts)
        positive = int(np.argmax(example.grades))
        found.append(contrast(masses, positive, tau=tau))
    if not found:
        raise DataError("no query has a relevant document and another one that fit a prompt; heads cannot be found")
    return np.asarray(np.mean(found, axis=0), np.float32)


def contrast(masses: NDArray[np.float32], positive: int, *, tau: float) -> NDArray[np.float64]:
    """The relevant document's share in a softmax over what each document gets.

    Args:
        masses: float32 (..., n).
        positive: the place of the relevant one.
        tau: the temperature, more than 0.

    Raises:
        BadValue: `tau` is not more than 0.

    >>> round(float(contrast(np.array([0.05, 0.03, 0.02], np.float32), 0, tau=0.1)), 6)
    0.390694
    """
    if not tau > 0:
        raise BadValue("tau", tau, "more than 0")
    scaled = masses.astype(np.float64) / tau
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers[..., positive] / powers.sum(axis=-1))
