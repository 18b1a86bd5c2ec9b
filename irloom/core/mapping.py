"""Files mapped into memory, to be read. A map holds no file descriptor, so that a collection may have any number of them."""

import ctypes
import mmap
import os
import weakref
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

SMALL = 1 << 14
"""Files of up to so many bytes are read instead: a page of its own would cost more."""


def map_file(descriptor: int, dtype: DTypeLike, shape: tuple[int, ...], *, offset: int = 0) -> NDArray[Any]:
    """A file's numbers as a read-only array in C order, which may outlive the descriptor.

    Args:
        descriptor: of a plain file that is `offset` and the array's bytes long at least.
        dtype: of the numbers.
        shape: without a 0.
        offset: bytes before the first number.

    Raises:
        OSError: the system cannot map it.
    """
    size = offset + int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    data = np.frombuffer(os.pread(descriptor, size, 0), np.uint8) if size <= SMALL else np.asarray(Mapping(descriptor, size))
    return data[offset:].view(dtype).reshape(shape)


def drop_pages(*arrays: NDArray[Any]) -> None:
    """Gives the pages of mapped arrays back to the system; what is read again comes from its cache. Others are left alone."""
    for array in arrays:
        base: object = array
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, Mapping):
            base.drop()


class Mapping:
    """The first bytes of a file in memory, until no array looks at them any more. Python's `mmap` would keep a descriptor."""

    def __init__(self, descriptor: int, size: int) -> None:
        address = _libc().mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
        if address == ctypes.c_void_p(-1).value:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self._address, self._size = address, size
        self.__array_interface__ = {"version": 3, "typestr": "|u1", "shape": (size,), "data": (address, True)}
        weakref.finalize(self, _libc().munmap, address, size).atexit = False  # arrays may live until the process is gone

    def drop(self) -> None:
        """Gives the pages back."""
        _libc().madvise(self._address, self._size, mmap.MADV_DONTNEED)


@cache
def _libc() -> Any:
    library = ctypes.CDLL(None, use_errno=True)
    library.mmap.restype = ctypes.c_void_p
    library.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_longlong)
    library.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return library
