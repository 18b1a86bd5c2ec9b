"""Once: a value that is made at first use, such as weights that load."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Holds a value that is made once, whichever thread asks first; where making it fails, the next one who asks tries again.

    >>> once: Once[list[int]] = Once()
    >>> once.get(lambda: [1]) is once.get(lambda: [2])
    True
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: tuple[T] | None = None

    def get(self, make: Callable[[], T]) -> T:
        """The value; `make` is called where there is none yet."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = (make(),)
        return self._made[0]
