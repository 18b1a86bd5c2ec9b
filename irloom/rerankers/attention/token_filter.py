"""The token filter: tokens whose calibrated attention is abnormally low are left out of a document's sum."""

import numpy as np
from numpy.typing import NDArray


def kept_tokens(signal: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which tokens of one document count: those above the mean less two sample standard deviations.

    Args:
        signal: float32 (..., m), calibrated attention on each token of the document.

    Returns:
        bool (..., m). One token alone has no deviation, so that none is kept; nor is one where all are equal.

    Paper:
        S. Chen, B. J. Gutierrez and Y. Su, Attention in Large Language Models Yields Efficient Zero-Shot Re-Rankers, ICLR 2025,
        section 3.

    >>> kept_tokens(np.array([0.001, 0.002, 0.018, 0.014, 0.001, 0.001, 0.001, -0.058], np.float32)).tolist()
    [True, True, True, True, True, True, True, False]
    """
    if signal.shape[-1] < 2:
        return np.zeros(signal.shape, np.bool_)
    wide = signal.astype(np.float64)
    threshold = wide.mean(axis=-1, keepdims=True) - 2 * wide.std(axis=-1, ddof=1, keepdims=True)
    return np.asarray(wide > threshold)


def document_sums(signal: NDArray[np.float32], spans: NDArray[np.int64], *, filtered: bool) -> NDArray[np.float32]:
    """The signal on each document's tokens, summed without regard to length.

    Args:
        signal: float32 (..., T), by token of the prompt.
        spans: int64 (n, 2), where each document begins and ends.
        filtered: whether the token filter is applied, to each document by itself.

    Returns:
        float32 (..., n); NaN where a token of the document is NaN, 0 for a document without tokens.
    """
    out = np.zeros((*signal.shape[:-1], len(spans)), np.float32)
    for place, (start, end) in enumerate(spans.tolist()):
        part = signal[..., start:end]
        counted = np.where(kept_tokens(part) | np.isnan(part), part, 0) if filtered else part
        out[..., place] = counted.sum(axis=-1, dtype=np.float64)
    return out
