"""Which query an error of a batch belongs to."""

from collections.abc import Sequence

import pytest

from irloom.core.errors import ModelError, NotANumber
from irloom.core.types import Query
from irloom.models.naming import naming_query

QUESTIONS = [(Query(name, ""), number) for name, number in (("a", 1), ("b", 2), ("b", 3), ("c", 4))]


class Halves:
    """Halves numbers, except odd ones above a limit; keeps what it was asked."""

    def __init__(self, limit: int, error: type[ModelError] = NotANumber) -> None:
        self.limit, self.error = limit, error
        self.asked: list[list[int]] = []

    def __call__(self, numbers: Sequence[int]) -> list[float]:
        self.asked.append(list(numbers))
        if any(number > self.limit and number % 2 for number in numbers):
            raise self.error(f"row {len(numbers) - 1}")
        return [number / 2 for number in numbers]


def test_one_call_where_nothing_is_wrong() -> None:
    halves = Halves(9)
    assert naming_query(halves, QUESTIONS) == [0.5, 1, 1.5, 2]
    assert halves.asked == [[1, 2, 3, 4]]


def test_the_query_of_a_number_that_is_none() -> None:
    halves = Halves(2)
    with pytest.raises(NotANumber, match=r"^query 'b': row 1$"):
        naming_query(halves, QUESTIONS)
    assert halves.asked == [[1, 2, 3, 4], [1], [2, 3]]


def test_another_error_is_no_query_s() -> None:
    halves = Halves(2, ModelError)
    with pytest.raises(ModelError, match=r"^row 3$"):
        naming_query(halves, QUESTIONS)
    assert len(halves.asked) == 1


def test_an_error_of_the_whole_batch_alone() -> None:
    def ask(numbers: list[int]) -> int:
        if len(numbers) > 2:
            raise NotANumber("too large together")
        return 0

    with pytest.raises(NotANumber, match=r"^too large together$"):
        naming_query(ask, QUESTIONS)
