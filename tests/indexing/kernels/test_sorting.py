"""Sorting against numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.indexing.kernels.sorting import sort_first


@given(st.lists(st.integers(0, 50), max_size=300), st.integers(0, 310), st.integers(0, 20))
def test_first_in_order_and_the_rest_behind(values: list[int], wanted: int, start: int) -> None:
    keys = np.array(values, np.uint64)
    start = min(start, len(values))
    before = keys[:start].copy()
    sort_first(keys, start, len(keys), wanted)
    expected = np.sort(np.array(values[start:], np.uint64))
    np.testing.assert_array_equal(keys[:start], before)
    np.testing.assert_array_equal(keys[start : start + wanted], expected[:wanted])
    np.testing.assert_array_equal(np.sort(keys[start:]), expected)


@pytest.mark.parametrize("order", ["rising", "falling", "equal", "organ pipe"])
def test_hard_orders(order: str) -> None:
    values = {
        "rising": np.arange(20_000),
        "falling": np.arange(20_000)[::-1],
        "equal": np.zeros(20_000),
        "organ pipe": np.concatenate([np.arange(10_000), np.arange(10_000)[::-1]]),
    }[order].astype(np.uint64)
    keys = values.copy()
    sort_first(keys, 0, len(keys), len(keys))
    np.testing.assert_array_equal(keys, np.sort(values))
