"""Every field has the value that `float` gives, bit for bit."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.data.decimals import parse_decimals
from irloom.data.fields import Fields, split_fields

PLAIN = st.from_regex(r"[-+]?(\d{1,12}\.?\d{0,12}|\.\d{1,12})", fullmatch=True).filter(str.isascii)
PRINTED = (
    st.floats().map(repr) | st.floats(width=32).map(lambda value: f"{value:.9g}") | st.floats(-1e4, 1e4).map(lambda value: f"{value:f}")
)
ODD = st.sampled_from(
    ["-", "+", ".", "-.", "1.2.3", "--1", "1-", "1e5", "1e", "inf", "-Infinity", "nan", "0x1", "9007199254740993", "1" * 30, "٣"]
)


def parsed(fields: list[str]) -> list[float]:
    block = split_fields("".join(f"{field}\n" for field in fields).encode(), width=1)
    assert isinstance(block, Fields)
    return [float(value) for value in parse_decimals(block.column(0))]


def expected(field: str) -> float:
    try:
        return float(field.encode())
    except ValueError:
        return math.nan


@settings(max_examples=300)
@given(st.lists(PLAIN | PRINTED | ODD, min_size=1, max_size=8))
def test_equal_to_float(fields: list[str]) -> None:
    for field, value in zip(fields, parsed(fields), strict=True):
        assert (math.isnan(value) and math.isnan(expected(field))) or (
            value == expected(field) and math.copysign(1, value) == math.copysign(1, expected(field))
        )


@pytest.mark.parametrize(
    "field", ["38.699619", "-0.0", "0.1", "123456789012345.6", "9007199254740991", "9007199254740993.0", "1.7976931348623157e308"]
)
def test_digits_at_the_edge(field: str) -> None:
    assert str(parsed([field])[0]) == str(float(field))
