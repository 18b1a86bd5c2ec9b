"""Postings to their form on disk: bitmaps with ranks, chunks with starts, and their bounds."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.bounds import write_bound
from irloom.indexing.kernels.jit import kernel
from irloom.indexing.kernels.layout import BLOCK, CHUNK

ONE = np.uint64(1)


@kernel
def encode_bitmap(
    docs: NDArray[np.int32],
    tfs: NDArray[np.int32],
    lengths: NDArray[np.int32],
    average: float,
    bits: NDArray[np.uint64],
    ranks: NDArray[np.uint32],
    block_tfs: NDArray[np.uint8],
    block_lengths: NDArray[np.uint16],
) -> None:
    """Writes one bitmap list.

    Args:
        docs: int32 (postings,) rising.
        tfs: int32 (postings,).
        lengths: int32 (postings,) of their documents.
        average: the average length in the segment.
        bits: uint64 (blocks * 4,) of zeros, written.
        ranks: uint32 (blocks + 1,), written.
        block_tfs: uint8 (blocks, 4), written.
        block_lengths: uint16 (blocks, 4), written.
    """
    place = 0
    for block in range(len(ranks) - 1):
        start = place
        ranks[block] = place
        while place < len(docs) and docs[place] < (block + 1) * BLOCK:
            doc = docs[place]
            bits[doc >> 6] |= ONE << np.uint64(doc & 63)
            place += 1
        write_bound(tfs[start:place], lengths[start:place], average, block_tfs[block], block_lengths[block])
    ranks[len(ranks) - 1] = place


@kernel
def encode_chunks(docs: NDArray[np.int32], ids: NDArray[np.uint16], starts: NDArray[np.uint32]) -> None:
    """Writes one chunked list: int32 (postings,) documents to uint16 (postings,) and uint32 (chunks + 1,)."""
    for i in range(len(docs)):
        ids[i] = docs[i] & (CHUNK - 1)
    place = 0
    for chunk in range(len(starts)):
        while place < len(docs) and docs[place] < chunk * CHUNK:
            place += 1
        starts[chunk] = place


@kernel
def encode_bounds(
    offsets: NDArray[np.int64],
    docs: NDArray[np.int32],
    tfs: NDArray[np.int32],
    lengths: NDArray[np.int32],
    average: float,
    pair_tfs: NDArray[np.uint8],
    pair_lengths: NDArray[np.uint16],
) -> None:
    """Writes the bound of each list offsets[i]:offsets[i+1]; `lengths` is int32 (documents,)."""
    for i in range(len(offsets) - 1):
        part = slice(offsets[i], offsets[i + 1])
        write_bound(tfs[part], lengths[docs[part]], average, pair_tfs[i], pair_lengths[i])
