"""The one decorator of all kernels: compiled ahead of use by the types it meets, cached on disk where there is room for it."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compiles a function of arrays with numba: no GIL, no fast-math (sums keep their order), cached on disk.

    Where neither the package's folder nor the user's cache can be written, each process compiles anew.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba finds no folder for its cache
        compiled = numba.njit(nogil=True)(function)
    return cast(F, compiled)


def inline(function: F) -> F:
    """Compiles a small function that kernels call; it becomes part of each."""
    return cast(F, numba.njit(nogil=True, inline="never")(function))
