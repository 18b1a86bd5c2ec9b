"""The document column of a run, numbered: short ids as machine words, which sort faster than a dictionary finds them."""

import numpy as np
from numpy.typing import NDArray

_WORD = 8


class Numbers(dict[bytes, int]):
    """Numbers keys in the order of their first use."""

    def __missing__(self, key: bytes) -> int:
        number = self[key] = len(self)
        return number


class IdColumn:
    """Takes a column block by block and gives each different id a number at the end.

    While no id is longer than eight bytes, as in MS MARCO, each is kept as one word; from the first longer one on, a
    dictionary numbers them.
    """

    def __init__(self) -> None:
        self._words: list[NDArray[np.uint64]] = []
        self._parts: list[NDArray[np.int32]] = []
        self._numbers: Numbers | None = None

    def add(self, block: bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64], fields: list[bytes]) -> None:
        """Takes the ids of a block.

        Args:
            block: the text that they stand in.
            starts: int64 (n,), where each begins in it.
            lengths: int64 (n,), its bytes.
            fields: the ids themselves, n.
        """
        if self._numbers is None:
            if not len(lengths) or (int(lengths.max()) <= _WORD and b"\0" not in block):
                self._words.append(_packed(np.frombuffer(block, np.uint8), starts, lengths))
                return
            self._numbers = Numbers()
            self._parts = [self._numbered(_unpacked(words)) for words in self._words]
            self._words.clear()
        self._parts.append(self._numbered(fields))

    def finish(self) -> tuple[NDArray[np.int32], list[str]]:
        """The number of each id, int32 (n,), and the id of each number."""
        if self._numbers is not None:
            return np.concatenate(self._parts), decoded(list(self._numbers))
        words = np.concatenate(self._words) if self._words else np.empty(0, np.uint64)
        self._words.clear()
        unique, numbers = np.unique(words, return_inverse=True)
        return numbers.astype(np.int32), decoded(_unpacked(unique))

    def _numbered(self, fields: list[bytes]) -> NDArray[np.int32]:
        assert self._numbers is not None
        return np.fromiter(map(self._numbers.__getitem__, fields), np.int32, len(fields))


def decoded(keys: list[bytes]) -> list[str]:
    """Ids as text; they are valid UTF-8 without line feeds."""
    text = b"\n".join(keys).decode()
    return text.split("\n") if text else []


def _packed(data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    words = np.zeros((len(starts), _WORD), np.uint8)
    for place in range(int(lengths.max()) if len(lengths) else 0):
        inside = lengths > place
        words[inside, place] = data[starts[inside] + place]
    return words.view(np.uint64).reshape(-1)


def _unpacked(words: NDArray[np.uint64]) -> list[bytes]:
    ids: list[bytes] = words.view(f"S{_WORD}").tolist()
    return ids
