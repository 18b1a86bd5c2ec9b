"""Counting in the forward file: what the deleted documents take away from the lists."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.layout import WORD_BITS


@kernel
def count_terms(words: NDArray[np.uint32], offsets: NDArray[np.int64], documents: NDArray[np.int64], df: NDArray[np.int32]) -> bool:
    """Counts for each term in how many of some documents it occurs; False where a word names a term that there is not.

    Args:
        words: uint32 (postings,) of the forward file: term << 6 | tf.
        offsets: int64 (all documents + 1,) where each document's words begin; those of the documents must lie within the words.
        documents: int64 (n,) which ones.
        df: int32 (terms,), added to.
    """
    for document in documents:
        for place in range(offsets[document], offsets[document + 1]):
            term = words[place] >> np.uint32(WORD_BITS)
            if term >= len(df):
                return False
            df[term] += 1
    return True
