"""Strings as bytes and offsets: string i is data[offsets[i]:offsets[i+1]] in UTF-8; no Python object each."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


def pack(strings: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """uint8 (bytes,) and int64 (n + 1,) offsets of some strings.

    >>> data, offsets = pack(["ab", "", "c"])
    >>> data.tobytes(), offsets.tolist()
    (b'abc', [0, 2, 2, 3])
    """
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), read_only(offsets)


def unpack(data: NDArray[np.uint8], offsets: NDArray[np.int64], places: NDArray[np.int64]) -> list[str]:
    """The strings at int64 (n,) places.

    >>> unpack(*pack(["ab", "", "c"]), np.array([2, 0]))
    ['c', 'ab']
    """
    from irloom.indexing.kernels.ids import gather_bytes

    places = np.array(places, np.int64)
    ends = np.empty(len(places), np.int64)
    out = np.empty(int((offsets[places + 1] - offsets[places]).sum()), np.uint8)
    gather_bytes(data, offsets, places, ends, out)
    whole = out.tobytes()
    cuts = [0, *ends.tolist()]
    if whole.isascii():
        text = whole.decode("ascii")
        return [text[start:end] for start, end in pairwise(cuts)]
    return [whole[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise(cuts)]


def read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The array as kernels know it: one type for what is mapped and what is not, so that they are compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view
