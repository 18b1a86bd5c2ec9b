"""Numbers of any size against arrays of 64 bits, exactly: what the ends of a range and single values are in the array's own type."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.filter import Bound

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1


def representable(values: Sequence[int | float], *, whole: bool) -> NDArray[Any]:
    """Those of the values that can occur in an array, as int64 where it holds whole numbers and as float64 where it does not."""
    if whole:
        return np.array([int(value) for value in values if value == math.floor(value) and _LOWEST <= value <= _HIGHEST], np.int64)
    return np.array([nearest for value in values if (nearest := nearest_float(value)) == as_kept(value)], np.float64)


def ends_of(low: Bound | None, high: Bound | None, *, whole: bool) -> tuple[int | float, int | float]:
    """The least and the greatest number of the array's type within the bounds; where there is none, the least is the greater one."""
    return (_whole_ends if whole else _float_ends)(low, high)


def as_kept(value: float) -> float:
    """The number as columns keep it: a whole one beyond 64 bits as the nearest float64, so that it equals itself in a filter."""
    return nearest_float(value) if isinstance(value, int) and not _LOWEST <= value <= _HIGHEST else value


def nearest_float(value: float) -> float:
    """The float64 that is nearest; infinite for a whole number that is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _whole_ends(low: Bound | None, high: Bound | None) -> tuple[int, int]:
    first, last = _LOWEST, _HIGHEST
    if low is not None:
        first = math.ceil(_number(low)) if low.included else math.floor(_number(low)) + 1
    if high is not None:
        last = math.floor(_number(high)) if high.included else math.ceil(_number(high)) - 1
    if first > _HIGHEST or last < _LOWEST:
        return 1, 0
    return max(first, _LOWEST), min(last, _HIGHEST)


def _float_ends(low: Bound | None, high: Bound | None) -> tuple[float, float]:
    first, last = -math.inf, math.inf
    if low is not None:
        value = as_kept(_number(low))
        first = nearest_float(value)
        if first < value or (first == value and not low.included):
            first = math.nextafter(first, math.inf)
    if high is not None:
        value = as_kept(_number(high))
        last = nearest_float(value)
        if last > value or (last == value and not high.included):
            last = math.nextafter(last, -math.inf)
    return first, last


def _number(bound: Bound) -> int | float:
    assert not isinstance(bound.value, str)
    return bound.value
