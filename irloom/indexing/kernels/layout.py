"""How postings lie in memory: the arrays that kernels of the inverted index take, as one tuple.

Terms are numbered by falling document frequency (df), and a list has the form that is smallest for its df:

    bitmap lists    a 256-bit map for each block of 256 documents; the most frequent terms
    chunked lists   16-bit numbers within chunks of 65,536 documents
    packed lists    32-bit words: document << 6 | tf, 63 = escaped; the rare terms, most of the vocabulary

The forms follow each other in the numbering of terms and of postings. The tf of the first two are 4 bits a posting,
two a byte, the even posting in the low half; 15 = escaped. An escaped tf stands in a table by posting number.
A bound is up to four pairs (tf, length) of which one at least has no lower tf and no greater length than any posting
that it covers: so it holds for every df, average length, k1 and b. tf 0 = no pair, 255 = that or more; length 65,535 = that or more.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 256
CHUNK = 65_536
PAIRS = 4
NIBBLE_ESCAPE = 15
WORD_BITS = 6
WORD_ESCAPE = 63
MAX_DOCUMENTS = 1 << (32 - WORD_BITS)


class Lists(NamedTuple):
    """The arrays of one segment's postings.

    Attributes:
        lengths: int32 (documents,) tokens of each document.
        runs: int64 (runs + 1, 3): first term, first posting and df of each run of terms with equal df; then (terms, postings, 0).
        counts: int64 (4,): bitmap lists, chunked lists, postings of bitmap lists, postings of bitmap and chunked lists.
        bits: uint64 (bitmap lists, blocks * 4): one bit a document.
        ranks: uint32 (bitmap lists, blocks + 1): the list's postings before each block.
        block_tfs: uint8 (bitmap lists, blocks, 4), the tf of each block's bound.
        block_lengths: uint16 (bitmap lists, blocks, 4), its lengths.
        ids: uint16 (postings of chunked lists,).
        chunk_starts: uint32 (chunked lists, chunks + 1): the list's postings before each chunk.
        list_tfs: uint8 (bitmap and chunked lists, 4), the tf of each list's bound.
        list_lengths: uint16 (bitmap and chunked lists, 4), its lengths.
        tfs: uint8 (half the postings of bitmap and chunked lists,).
        words: uint32 (postings of packed lists,).
        escaped: uint32 (escaped postings,) posting numbers, rising.
        escaped_tfs: int32 (escaped postings,).
    """

    lengths: NDArray[np.int32]
    runs: NDArray[np.int64]
    counts: NDArray[np.int64]
    bits: NDArray[np.uint64]
    ranks: NDArray[np.uint32]
    block_tfs: NDArray[np.uint8]
    block_lengths: NDArray[np.uint16]
    ids: NDArray[np.uint16]
    chunk_starts: NDArray[np.uint32]
    list_tfs: NDArray[np.uint8]
    list_lengths: NDArray[np.uint16]
    tfs: NDArray[np.uint8]
    words: NDArray[np.uint32]
    escaped: NDArray[np.uint32]
    escaped_tfs: NDArray[np.int32]
