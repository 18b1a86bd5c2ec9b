from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from irloom.core.once import Once


def test_threads_that_ask_together_get_one_value() -> None:
    once: Once[object] = Once()
    together = Barrier(8)

    def ask(_: int) -> object:
        together.wait()
        return once.get(object)

    with ThreadPoolExecutor(8) as pool:
        assert len({id(value) for value in pool.map(ask, range(8))}) == 1


def test_a_failure_is_not_kept() -> None:
    once: Once[float] = Once()
    with pytest.raises(ZeroDivisionError):
        once.get(lambda: 1 / 0)
    assert once.get(lambda: 2.0) == 2.0


def test_none_is_a_value() -> None:
    once: Once[int | None] = Once()
    assert once.get(lambda: None) is None
    assert once.get(lambda: 3) is None
