"""Columns of ids, numbered: short ids as machine words, which sort faster than a dictionary finds them."""

import numpy as np
from numpy.typing import NDArray

from irloom.data.fields import WORD, Column

_MANY = 1 << 18


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
    dictionary numbers them.
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
        words = np.concatenate(self._words) if self._words else np.empty(0, np.uint64)
        self._words.clear()
        unique, numbers = _ranked(words)
        ids: list[str] = []
        for start in range(0, len(unique), _MANY):
            ids += decoded(_unpacked(unique[start : start + _MANY]))
        return numbers, ids


def decoded(keys: list[bytes]) -> list[str]:
    """Ids as text; they are valid UTF-8 without line feeds."""
    text = b"\n".join(keys).decode()
    return text.split("\n") if text else []


def _ranked(words: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """The different words, ascending, and int32 (n,) the place of each word among them."""
    unique, numbers = np.unique(words, return_inverse=True)
    return unique, numbers.astype(np.int32)


def _unpacked(words: NDArray[np.uint64]) -> list[bytes]:
    ids: list[bytes] = words.view(f"S{WORD}").tolist()
    return ids
