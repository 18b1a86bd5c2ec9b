"""Pages of memory-mapped files, given back once they have been read: a pass over a file does not fill the process's memory with it."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray


def drop_pages(*arrays: NDArray[Any]) -> None:
    """Gives the pages of read-only mapped arrays back to the system; what is read again comes from its cache. Others are left alone."""
    for array in arrays:
        base: object = array
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap):
            base.madvise(mmap.MADV_DONTNEED)
