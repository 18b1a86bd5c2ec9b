"""From tokens to postings: counting the terms of documents, and turning documents of terms into lists of documents."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.layout import WORD_BITS, WORD_ESCAPE


@kernel
def count_documents(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    seen: NDArray[np.int32],
    df: NDArray[np.int64],
    terms: NDArray[np.int32],
    tfs: NDArray[np.int32],
    ends: NDArray[np.int64],
) -> int:
    """Counts each document's terms and returns the number of postings.

    Args:
        tokens: int32 (tokens,) term numbers, document by document.
        offsets: int64 (documents + 1,) where each begins.
        seen: int32 (vocabulary,) of zeros, left so.
        df: int64 (vocabulary,), raised.
        terms: int32 (tokens,), written: the distinct terms of each document, in the order of their first occurrence.
        tfs: int32 (tokens,), written: how often each occurs there.
        ends: int64 (documents,), written: where each document's terms end.
    """
    size = 0
    for document in range(len(offsets) - 1):
        start = size
        for i in range(offsets[document], offsets[document + 1]):
            token = tokens[i]
            if seen[token] == 0:
                terms[size] = token
                size += 1
                df[token] += 1
            seen[token] += 1
        for i in range(start, size):
            tfs[i] = seen[terms[i]]
            seen[terms[i]] = 0
        ends[document] = size
    return size


@kernel
def gather_lists(
    terms: NDArray[np.int32],
    tfs: NDArray[np.int32],
    offsets: NDArray[np.int64],
    number: NDArray[np.int32],
    first_term: int,
    places: NDArray[np.int64],
    list_docs: NDArray[np.int32],
    list_tfs: NDArray[np.int32],
) -> None:
    """Gathers the postings of the terms from `first_term` on, as many as there are `places`, list by list.

    Args:
        terms: int32 (postings,) provisional term numbers, document by document.
        tfs: int32 (postings,).
        offsets: int64 (documents + 1,).
        number: int32 (vocabulary,): the final number of each provisional one.
        first_term: the first list, by its final number.
        places: int64 (lists,): where each list begins in the output; moved to where it ends.
        list_docs: int32 (postings of these lists,), written; rising in each list.
        list_tfs: int32 (postings of these lists,), written.
    """
    for document in range(len(offsets) - 1):
        for i in range(offsets[document], offsets[document + 1]):
            row = number[terms[i]] - first_term
            if 0 <= row < len(places):
                place = places[row]
                list_docs[place], list_tfs[place] = document, tfs[i]
                places[row] = place + 1


@kernel
def forward_words(
    terms: NDArray[np.int32], tfs: NDArray[np.int32], offsets: NDArray[np.int64], number: NDArray[np.int32], words: NDArray[np.uint32]
) -> None:
    """Writes term << 6 | tf for the documents offsets[i]:offsets[i+1], rising in each; `words` begins with the first of them."""
    base = offsets[0]
    for document in range(len(offsets) - 1):
        start, end = offsets[document] - base, offsets[document + 1] - base
        for i in range(start, end):
            words[i] = np.uint32((number[terms[base + i]] << WORD_BITS) | min(tfs[base + i], WORD_ESCAPE))
        words[start:end].sort()
