"""Numbers against arrays of 64 bits: Python's exact comparison is the truth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.filter import Bound
from irloom.indexing.number_order import as_kept, ends_of, nearest_float, representable

EDGES = st.sampled_from([1 << 53, (1 << 53) + 1, (1 << 63) - 1, 1 << 63, -(1 << 63), -(1 << 63) - 1, 1 << 2000, -(1 << 2000)])
NUMBERS = EDGES | st.integers(-4, 4) | st.floats(allow_nan=False, allow_infinity=False) | st.floats(-4, 4)
ENDS = st.none() | st.builds(Bound, NUMBERS, st.booleans())


def within(value: float, low: Bound | None, high: Bound | None) -> bool:
    above = low is None or value > low.value or (low.included and value == low.value)  # type: ignore[operator]
    return above and (high is None or value < high.value or (high.included and value == high.value))  # type: ignore[operator]


@given(st.lists(NUMBERS.map(lambda value: max(-(1 << 63), min((1 << 63) - 1, int(value)))), min_size=1), ENDS, ENDS)
def test_ranges_of_whole_numbers(values: list[int], low: Bound | None, high: Bound | None) -> None:
    array = np.array(values, np.int64)
    first, last = ends_of(low, high, whole=True)
    assert ((array >= first) & (array <= last) & (first <= last)).tolist() == [within(value, low, high) for value in values]


@given(st.lists(st.floats(allow_nan=False) | NUMBERS.map(nearest_float), min_size=1), ENDS, ENDS)
def test_ranges_of_fractions(values: list[float], low: Bound | None, high: Bound | None) -> None:
    array = np.array(values, np.float64)
    first, last = ends_of(low, high, whole=False)
    low, high = (bound and Bound(as_kept(bound.value), bound.included) for bound in (low, high))  # type: ignore[arg-type]
    assert ((array >= first) & (array <= last)).tolist() == [within(value, low, high) for value in values]


@given(st.lists(NUMBERS))
def test_values_that_can_occur(values: list[int | float]) -> None:
    whole, fractions = representable(values, whole=True), representable(values, whole=False)
    assert (whole.dtype, fractions.dtype) == (np.int64, np.float64)
    assert whole.tolist() == [value for value in values if value == int(value) and -(1 << 63) <= value < 1 << 63]
    assert fractions.tolist() == [nearest_float(value) for value in values if nearest_float(value) == as_kept(value)]


def test_a_number_too_large_is_infinite() -> None:
    assert (nearest_float(1 << 2000), nearest_float(-(1 << 2000))) == (float("inf"), float("-inf"))


def test_a_whole_number_beyond_64_bits_equals_itself() -> None:
    great = 123456789012345678901234567890
    assert representable([great], whole=False).tolist() == [float(great)]
    bound = Bound(great, included=True)
    assert ends_of(bound, bound, whole=False) == (float(great), float(great))
    assert (as_kept((1 << 63) - 1), as_kept(1 << 63)) == ((1 << 63) - 1, 2.0**63)
