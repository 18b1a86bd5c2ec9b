"""What a schedule is: settings, and a plan of which places of a ranking are compared together."""

from collections.abc import Generator, Sequence
from typing import Protocol, TypeAlias, TypeVar

A = TypeVar("A")
A_contra = TypeVar("A_contra", contravariant=True)

Group: TypeAlias = tuple[int, ...]
"""Places of a ranking, 0-based, that are compared with each other, in the order in which they are shown."""

Plan: TypeAlias = Generator[Sequence[Group], Sequence[A], list[int]]
"""Yields the groups of one round, is sent one answer a group, and returns all places in their final order, best first.

Groups of one round do not depend on each other, so that they can be answered in one batch.
"""


class Schedule(Protocol[A_contra]):
    """Settings of a schedule for answers of one type: `float` about pairs, `int` about sets, `list[int]` about lists.

    A plan starts from the order given and changes it only where an answer says so; places that it never compares keep their order.
    """

    def plan(self, n: int, *, top: int) -> "Plan[A_contra]":
        """The plan for a ranking of `n` documents of which the best `top` are wanted in order."""
        ...
