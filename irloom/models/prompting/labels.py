"""From labels to tokens, and from logits of tokens to scores of labels."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError


def label_tokens(token: Callable[[str, str], int], spellings: Sequence[str], befores: Sequence[str]) -> tuple[int, ...]:
    """The tokens that a label may be, each once.

    Args:
        token: a spelling and what stands before it to its one token; ModelError where it is not one.
        spellings: ways to write the label.
        befores: what may stand before it.

    Raises:
        ModelError: no spelling is one token.
    """
    found: dict[int, None] = {}
    problem: ModelError | None = None
    for spelling, before in product(spellings, befores):
        try:
            found[token(spelling, before)] = None
        except ModelError as error:
            problem = problem or error
    if not found:
        raise ModelError(f"{problem}; compare by generated text instead of by likelihood") from problem
    return tuple(found)


def added(logits: NDArray[np.float32], members: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Scores of labels of which each may be one of several tokens: their probabilities are added.

    Args:
        logits: float32 (n, tokens).
        members: for each label the columns of its tokens, at least one.

    Returns:
        float32 (n, labels).

    >>> np.exp(added(np.log(np.array([[1, 3, 5]], np.float32)), [[0, 1], [2]])).round().tolist()
    [[4.0, 5.0]]
    """
    with np.errstate(invalid="ignore"):  # what is not a number stays none, for the caller to name
        columns = [np.logaddexp.reduce(logits[:, list(own)], axis=1) for own in members]
    return np.stack(columns, axis=1).astype(np.float32)


def log_share(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logarithm of the first label's probability, of two that sum to 1; exact where that probability is close to 0 or to 1.

    Args:
        first: float32 (n,), logits or log-probabilities.
        second: float32 (n,), those of the other label.

    Returns:
        float32 (n,), 0 at most.

    >>> [round(float(share), 4) for share in log_share(np.float32([2, -800]), np.float32([0, 0]))]
    [-0.1269, -800.0]
    """
    with np.errstate(invalid="ignore"):
        return -np.logaddexp(np.float32(0), np.asarray(second - first, np.float32))
