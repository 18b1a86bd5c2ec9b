"""Bit counts that numba has no name for: one machine instruction each."""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np
from numba import types
from numba.extending import intrinsic

_Count: TypeAlias = Callable[[np.uint64], np.uint64]


@intrinsic
def _popcount(_typing_context: Any, _value: Any) -> Any:
    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), build


@intrinsic
def _trailing_zeros(_typing_context: Any, _value: Any) -> Any:
    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), build


popcount = cast(_Count, _popcount)
"""The number of ones in a uint64."""

trailing_zeros = cast(_Count, _trailing_zeros)
"""The place of the lowest one in a uint64 that is not 0."""
