"""From tokens to postings: counting the terms of documents, and turning documents of terms into lists of documents."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.layout import WORD_BITS, WORD_ESCAPE


@kernel
def count_documents(
    chunks: NDArray[np.int32],
    chunk_ends: NDArray[np.int64],
    starts: NDArray[np.int64],
    terms_of: NDArray[np.int32],
    seen: NDArray[np.int32],
    df: NDArray[np.int64],
    terms: NDArray[np.int32],
    tfs: NDArray[np.int32],
    ends: NDArray[np.int64],
    lengths: NDArray[np.int32],
) -> int:
    """Counts each document's terms and returns the number of postings.

    Args:
        chunks: int32 (chunks,) chunk numbers, document by document.
        chunk_ends: int64 (documents,) where each document's chunks end.
        starts: int64 (known chunks + 1,) where the terms of each chunk begin.
        terms_of: int32, the terms of all chunks.
        seen: int32 (vocabulary,) of zeros, left so.
        df: int64 (vocabulary,), raised.
        terms: int32 (tokens,), written: the distinct terms of each document, in the order of their first occurrence.
        tfs: int32 (tokens,), written: how often each occurs there.
        ends: int64 (documents,), written: where each document's terms end.
        lengths: int32 (documents,), written: how many tokens each has.
    """
    size = 0
    first = 0
    for document in range(len(ends)):
        start = size
        lengths[document] = 0
        for place in range(first, chunk_ends[document]):
            chunk = chunks[place]
            lengths[document] += starts[chunk + 1] - starts[chunk]
            for i in range(starts[chunk], starts[chunk + 1]):
                token = terms_of[i]
                if seen[token] == 0:
                    terms[size] = token
                    size += 1
                    df[token] += 1
                seen[token] += 1
        for i in range(start, size):
            tfs[i] = seen[terms[i]]
            seen[terms[i]] = 0
        first = chunk_ends[document]
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
