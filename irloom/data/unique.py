"""A watch for ids that occur twice in a file, in eight bytes an id."""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from irloom.core.errors import DuplicateDocument

_FIRST_CHECK = 1024


class UniqueIds:
    """Remembers a 64-bit hash of each id, so that a corpus of any size can be checked while it is streamed.

    Hashes are compared at every doubling and at the end: a repeated id is reported before twice as many lines have been read.
    """

    def __init__(self, path: Path, reread: Callable[[], Iterator[tuple[int, str]]]) -> None:
        """`reread` gives line numbers and ids of the whole file again; it is called only when two hashes are equal."""
        self._path, self._reread = path, reread
        self._hashes = array("q")
        self._next = _FIRST_CHECK

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, item: str) -> None:
        """Takes the next id."""
        self._hashes.append(hash(item))
        if len(self._hashes) == self._next:
            self._next *= 2
            self.check()

    def check(self) -> None:
        """Compares all ids so far.

        Raises:
            DuplicateDocument: an id occurs twice; the text names both lines.
        """
        hashes = np.sort(np.frombuffer(self._hashes, np.int64)) if self._hashes else np.empty(0, np.int64)
        repeated = set(hashes[1:][hashes[1:] == hashes[:-1]].tolist())
        if not repeated:
            return
        lines: dict[str, int] = {}
        for number, item in self._reread():
            if hash(item) in repeated:
                if item in lines:
                    raise DuplicateDocument(item, where=f"{self._path} lines {lines[item]} and {number}")
                lines[item] = number
