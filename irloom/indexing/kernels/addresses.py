"""Arrays by their addresses: how one call of a kernel takes the arrays of any number of segments.

A call from Python costs a kernel some tenths of a microsecond for each array, and numba has no list of tuples of arrays that is
ready without compiling.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numba import types
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import inner
from irloom.indexing.kernels.layout import PAIRS, Lists


def address_rows(arrays: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """int64 (arrays, 3): the address and the first two dimensions of arrays in C order, which the caller keeps."""
    return np.array([(array.ctypes.data, *array.shape, 1, 1)[:3] for array in arrays], np.int64).reshape(-1, 3)


@intrinsic
def _pointer(_typing_context: Any, _address: Any) -> Any:
    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.int64), build


pointer = cast(Callable[[Any], Any], _pointer)
"""A pointer of an int64 address."""


@inner
def lists_at(rows: NDArray[np.int64]) -> Lists:
    """The postings of a segment by the addresses of their arrays: int64 (arrays, 3), in the order of `Lists`."""
    return Lists(
        carray(pointer(rows[0, 0]), (rows[0, 1],), np.int32),
        carray(pointer(rows[1, 0]), (rows[1, 1], 3), np.int64),
        carray(pointer(rows[2, 0]), (rows[2, 1],), np.int64),
        carray(pointer(rows[3, 0]), (rows[3, 1], rows[3, 2]), np.uint64),
        carray(pointer(rows[4, 0]), (rows[4, 1], rows[4, 2]), np.uint32),
        carray(pointer(rows[5, 0]), (rows[5, 1], rows[5, 2], PAIRS), np.uint8),
        carray(pointer(rows[6, 0]), (rows[6, 1], rows[6, 2], PAIRS), np.uint16),
        carray(pointer(rows[7, 0]), (rows[7, 1],), np.uint16),
        carray(pointer(rows[8, 0]), (rows[8, 1], rows[8, 2]), np.uint32),
        carray(pointer(rows[9, 0]), (rows[9, 1], PAIRS), np.uint8),
        carray(pointer(rows[10, 0]), (rows[10, 1], PAIRS), np.uint16),
        carray(pointer(rows[11, 0]), (rows[11, 1],), np.uint8),
        carray(pointer(rows[12, 0]), (rows[12, 1],), np.uint32),
        carray(pointer(rows[13, 0]), (rows[13, 1],), np.uint32),
        carray(pointer(rows[14, 0]), (rows[14, 1],), np.int32),
    )
