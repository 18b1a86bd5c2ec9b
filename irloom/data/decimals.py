"""Decimal numbers of a column, all at once; each value is the one that `float` gives."""

import numpy as np
from numpy.typing import NDArray

from irloom.data.fields import WORD, Column

_LONGEST = 24
_EXACT = 2**53
_POWERS = 10.0 ** np.arange(_LONGEST)


def parse_decimals(column: Column) -> NDArray[np.float64]:
    """float64 (n,): the value of each field, NaN where it is no number.

    Digits with at most one point and a sign, of 15 digits or so, are read as columns of bytes: below 2^53 the digits and the
    power of ten are exact, so their quotient is rounded once, as `float` rounds it. All else goes to `float`.
    """
    if column.width > _LONGEST:
        return _each(column)
    words = column.packed()
    signs, values, plain = _plain(words.view(np.uint8).reshape(len(words), WORD * words.shape[1]).T, column.lengths, column.width)
    values = np.where(signs, -values, values)
    rest = np.flatnonzero(~plain)
    if len(rest):
        values[rest] = _each(column.at(rest))
    return values


def _plain(
    letters: NDArray[np.uint8], lengths: NDArray[np.int64], width: int
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Whether each is negative, its size, and whether it could be read; `letters` is uint8 (places, n)."""
    first = letters[0]
    negative = first == ord("-")
    seen = (negative | (first == ord("+"))).astype(np.int64)
    digits, point, points = np.zeros(len(lengths), np.int64), lengths.copy(), np.zeros(len(lengths), np.int64)
    count = np.zeros(len(lengths), np.int64)
    for place in range(width):
        letter = np.ascontiguousarray(letters[place])
        digit = letter - np.uint8(ord("0"))
        is_digit = digit < 10
        is_point = letter == ord(".")
        digits = np.where(is_digit, digits * 10 + digit, digits)
        count += is_digit
        points += is_point
        point[is_point] = place + 1
    plain = (seen + count + points == lengths) & (points <= 1) & (count > 0) & (count <= 18) & (digits < _EXACT)
    return negative, digits / _POWERS[np.minimum(lengths - point, _LONGEST - 1)], plain


def _each(column: Column) -> NDArray[np.float64]:
    return np.array([_number(field) for field in column.fields()], np.float64)


def _number(field: bytes) -> float:
    try:
        return float(field)
    except ValueError:
        return float("nan")
