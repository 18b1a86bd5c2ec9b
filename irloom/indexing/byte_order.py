"""Texts that lie in one array of bytes, compared with a key without a Python object for each."""

import numpy as np
from numpy.typing import NDArray


def compare_bytes(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], key: bytes) -> NDArray[np.int8]:
    """int8 (n,): -1, 0 or 1 where the text data[start:end] comes before the key, is it, or comes after it.

    Args:
        data: uint8 (bytes,).
        starts: int64 (n,), where each text begins.
        ends: int64 (n,), where it ends.
        key: what each is compared with.
    """
    found: NDArray[np.int8] = np.sign(ends - starts - len(key)).astype(
        np.int8
    )  # of texts that are equal as far as both go, the longer one comes later
    open_ = np.arange(len(starts))
    for place, byte in enumerate(key):
        open_ = open_[ends[open_] - starts[open_] > place]
        if not len(open_):
            break
        bytes_ = data[starts[open_] + place]
        different = bytes_ != byte
        found[open_[different]] = np.where(bytes_[different] < byte, -1, 1)
        open_ = open_[~different]
    return found
