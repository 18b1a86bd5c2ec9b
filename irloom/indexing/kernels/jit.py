"""The decorators of all kernels: compiled at first use, cached on disk where there is room for it, without the GIL."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

integer = cast(Callable[[Any], int], np.int64)
"""What makes an int64 of a number of any type; numba's `int` would keep unsigned ones unsigned."""


STAMP = hashlib.blake2b(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))), digest_size=4).hexdigest()
"""Changes with any kernel. numba's cache looks at a kernel's own file alone, and would go on with what it took from another file."""


def kernel(function: F) -> F:
    """Compiles a function of arrays with numba: no GIL, no fast-math (sums keep their order), cached on disk.

    Division by zero gives what IEEE 754 says, without a check.

    Where neither the package's folder nor the user's cache can be written, each process compiles anew.
    """
    return _compile(function, error_model="numpy")


def loose(function: F) -> F:
    """A kernel whose sums the compiler may reorder; for scores that are settled in the fixed order afterwards."""
    return _compile(function, fastmath={"reassoc", "contract", "nsz"})


def _compile(function: F, **options: Any) -> F:
    function.__qualname__ += f"_{STAMP}"  # numba names the files of its cache by it
    try:
        compiled = numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # numba finds no folder for its cache
        compiled = numba.njit(nogil=True, **options)(function)
    return cast(F, compiled)


def inline(function: F) -> F:
    """A part of kernels: it becomes part of each kernel that calls it, so the call costs nothing."""
    return cast(F, numba.njit(nogil=True, error_model="numpy", forceinline=True)(function))


def inner(function: F) -> F:
    """A part of kernels that Python never calls: compiled without a way in from Python, which takes long for many arrays."""
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(F, numba.njit(nogil=True, error_model="numpy", **options)(function))
