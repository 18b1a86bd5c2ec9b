"""Bit counts that numba has no name for: one machine instruction each."""

from typing import Any

from numba import types
from numba.extending import intrinsic

# ruff: noqa: ARG001


@intrinsic
def popcount(typing_context: Any, value: Any) -> Any:
    """The number of ones in a uint64."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), build


@intrinsic
def trailing_zeros(typing_context: Any, value: Any) -> Any:
    """The place of the lowest one in a uint64 that is not 0."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), build
