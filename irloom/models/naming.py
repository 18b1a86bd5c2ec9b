"""Errors about numbers of a model, told with the query that they belong to."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

from irloom.core.errors import NotANumber
from irloom.core.types import Query

T = TypeVar("T")
A = TypeVar("A")


def naming_query(ask: Callable[[list[T]], A], questions: Sequence[tuple[Query, T]]) -> A:
    """What `ask` gives for all questions at once; where that ends in NaN, the query whose own questions do is named.

    A batch only knows its rows, and a row is not always a question: what is asked twice is read once. So each query's questions are
    asked again, without those of the others.

    Args:
        ask: asks a model.
        questions: each with its query; those of one query stand together.

    Raises:
        NotANumber: a number is NaN.
    """
    try:
        return ask([question for _, question in questions])
    except NotANumber:
        for query_id, own in groupby(questions, key=lambda one: one[0].id):
            try:
                ask([question for _, question in own])
            except NotANumber as error:
                raise NotANumber(f"query {query_id!r}: {error}") from error
        raise
