"""Strings as bytes and offsets: string i is data[offsets[i]:offsets[i+1]] in UTF-8; no Python object each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt

Scalar = TypeVar("Scalar", bound=np.generic)


def encode(string: str) -> bytes:
    """UTF-8, in which a lone surrogate is kept as it is."""
    return string.encode("utf-8", "surrogatepass")


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What cannot be read within the block is damage of the file at `path`: no UTF-8, or JSON of another form than irloom writes.

    Raises:
        Corrupt: something cannot be read.
    """
    try:
        yield
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Corrupt(path, f"its content has changed and cannot be read ({error})") from None


def pack(strings: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """uint8 (bytes,) and int64 (n + 1,) offsets of some strings.

    >>> data, offsets = pack(["ab", "", "c"])
    >>> data.tobytes(), offsets.tolist()
    (b'abc', [0, 2, 2, 3])
    """
    encoded = [encode(string) for string in strings]
    offsets = offsets_of(np.fromiter(map(len, encoded), np.int64, len(encoded)))
    return np.frombuffer(b"".join(encoded), np.uint8), read_only(offsets)


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (n + 1,): where things of int64 (n,) lengths begin that stand one after another, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def unpack(data: NDArray[np.uint8], offsets: NDArray[np.int64], places: NDArray[np.int64] | NDArray[np.int32]) -> list[str]:
    """The strings at int (n,) places.

    >>> unpack(*pack(["ab", "", "c"]), np.array([2, 0]))
    ['c', 'ab']
    """
    whole = gather(data, offsets, places).tobytes()
    cuts = np.cumsum(offsets[np.asarray(places) + 1] - offsets[places]).tolist()
    if whole.isascii():
        text = whole.decode("ascii")
        return [text[start:end] for start, end in pairwise([0, *cuts])]
    return [whole[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise([0, *cuts])]


def gather(data: NDArray[np.uint8], offsets: NDArray[np.int64], places: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.uint8]:
    """uint8: the bytes of the strings at int (n,) places, one after another.

    Raises:
        ValueError: the offsets are none of these bytes.

    >>> gather(*pack(["ab", "", "c"]), np.array([2, 0])).tobytes()
    b'cab'
    """
    from irloom.indexing.kernels.strings import gather_bytes

    wanted = np.array(places, np.int64)
    starts, ends = offsets[wanted], offsets[wanted + 1]
    if len(wanted) and (starts.min() < 0 or (ends < starts).any() or ends.max() > len(data)):
        raise ValueError(f"offsets that lie outside {len(data)} bytes, or fall")
    out = np.empty(int((ends - starts).sum()), np.uint8)
    gather_bytes(data, offsets, wanted, out)
    return out


def blocks(offsets: NDArray[np.int64], size: int) -> Iterator[tuple[int, int]]:
    """Neighbours of `size` bytes together at most, or one that has more: the first and the one after the last of each block.

    >>> list(blocks(np.array([0, 3, 4, 9, 10]), 4))
    [(0, 2), (2, 3), (3, 4)]
    """
    start = 0
    while start < len(offsets) - 1:
        stop = max(start + 1, int(np.searchsorted(offsets, offsets[start] + size, side="right")) - 1)
        yield start, stop
        start = stop


def read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The array as kernels know it: one type for what is mapped and what is not, so that they are compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view
