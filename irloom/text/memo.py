"""Memo: what a chunk of text was analysed to, remembered in bounded room."""

from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")


class Memo(dict[str, tuple[T, ...]]):
    """A dictionary that works out what it lacks. Emptied when full; long chunks, which seldom come back, are not kept.

    The working out must depend on the chunk alone, so forgetting and races between threads change nothing but the time taken.

    Args:
        analyse: chunk to what is remembered.
    """

    LIMIT: Final = 1 << 18
    LONGEST: Final = 48

    def __init__(self, analyse: Callable[[str], tuple[T, ...]]) -> None:
        super().__init__()
        self._analyse = analyse

    def __missing__(self, chunk: str) -> tuple[T, ...]:
        found = self._analyse(chunk)
        if len(chunk) <= self.LONGEST:
            if len(self) >= self.LIMIT:
                self.clear()
            self[chunk] = found
        return found
