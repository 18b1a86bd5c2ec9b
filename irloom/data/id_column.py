"""Columns of ids, numbered: short ids as machine words, which sort faster than a dictionary finds them."""

import numpy as np
from numpy.typing import NDArray

from irloom.data.fields import WORD, Column

_MANY = 1 << 18
"""How many ids are turned into text at once."""


class Numbers(dict[bytes, int]):
    """Numbers keys in the order of their first use."""

    def __missing__(self, key: bytes) -> int:
        number = self[key] = len(self)
        return number

    def of(self, fields: list[bytes]) -> NDArray[np.int32]:
        """int32 (n,): the number of each field."""
        return np.fromiter(map(self.__getitem__, fields), np.int32, len(fields))

    def of_repeated(self, column: Column) -> NDArray[np.int32]:
        """int32 (n,): the number of each field of a column whose equal fields mostly follow each other."""
        if not column.fits or not len(column):
            return self.of(column.fields())
        words = column.packed()
        same = (column.lengths[1:] == column.lengths[:-1]) & np.all(words[1:] == words[:-1], axis=1)
        heads = np.flatnonzero(np.concatenate([[True], ~same]))
        return np.repeat(self.of(column.at(heads).fields()), np.diff(heads, append=len(column)))


class IdColumn:
    """Takes a column block by block and gives each different id a number at the end.

    While no id is longer than eight bytes, as in MS MARCO, each is kept as one word; from the first longer one on, a
    dictionary numbers them. Words that all are numbers of a small range are looked up in a table, others are sorted.
    """

    def __init__(self) -> None:
        self._words: list[NDArray[np.uint64]] = []
        self._parts: list[NDArray[np.int32]] = []
        self._numbers: Numbers | None = None

    def add(self, column: Column) -> None:
        """Takes the ids of a block."""
        if self._numbers is None:
            if column.width <= WORD and not column.has_zeros:
                self._words.append(column.packed().reshape(-1))
                return
            self._numbers = Numbers()
            self._parts = [self._numbers.of(_unpacked(words)) for words in self._words]
            self._words.clear()
        self._parts.append(self._numbers.of(column.fields()))

    def finish(self) -> tuple[NDArray[np.int32], list[str]]:
        """The number of each id, int32 (n,), and the id of each number."""
        if self._numbers is not None:
            return np.concatenate(self._parts), decoded(list(self._numbers))
        values = _decimals(self._words)
        if values is not None:
            self._words.clear()
            return _looked_up(values)
        words = np.concatenate(self._words) if self._words else np.empty(0, np.uint64)
        self._words.clear()
        unique, numbers = _sorted_out(words)
        ids: list[str] = []
        for start in range(0, len(unique), _MANY):
            ids += decoded(_unpacked(unique[start : start + _MANY]))
        return numbers, ids


def decoded(keys: list[bytes]) -> list[str]:
    """Ids as text; they are valid UTF-8 without line feeds."""
    ids: list[str] = []
    for start in range(0, len(keys), _MANY):
        ids += b"\n".join(keys[start : start + _MANY]).decode().split("\n")
    return ids


def _sorted_out(words: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """The different words, ascending, and int32 (n,) the place of each word among them."""
    order = np.argsort(words)
    ascending = words[order]
    new = np.ones(len(words), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    numbers = np.empty(len(words), np.int32)
    numbers[order] = np.cumsum(new, dtype=np.int32) - np.int32(1)
    return ascending[new], numbers


def _decimals(blocks: list[NDArray[np.uint64]]) -> NDArray[np.int32] | None:
    """int32 (n,): the numbers that the words spell; None where one is no number, begins with 0, or is far above their count."""
    most = 2 * sum(map(len, blocks)) + _MANY
    parts = []
    for words in blocks:
        letters = words.astype("<u8").view(np.uint8).reshape(-1, WORD).T
        value, plain = np.zeros(len(words), np.int32), (letters[0] != ord("0")) | (letters[1] == 0)
        for place in range(WORD):
            digit = letters[place] - np.uint8(ord("0"))
            inside = digit < 10
            plain &= inside | (letters[place] == 0)
            value = np.where(inside, value * 10 + digit, value)
        if not plain.all() or int(value.max(initial=0)) > most:
            return None
        parts.append(value)
    return np.concatenate(parts) if parts else None


def _looked_up(values: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[str]]:
    """The place of each number among the different ones, int32 (n,), and those as text."""
    seen = np.zeros(int(values.max(initial=0)) + 1, np.bool_)
    seen[values] = True
    place = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    return place[values], list(map(str, np.flatnonzero(seen).tolist()))


def _unpacked(words: NDArray[np.uint64]) -> list[bytes]:
    ids: list[bytes] = words.view(f"S{WORD}").tolist()
    return ids
