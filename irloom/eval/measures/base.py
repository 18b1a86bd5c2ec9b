"""What a measure is: a frozen value that turns a JudgedRun into one number per query."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun

Floats = NDArray[np.float64]
GREATEST = 2**31 - 1
"""The greatest cut and the greatest grade."""


@dataclass(frozen=True)
class Measure(ABC):
    """A measure, its cut and its parameters. It prints in ir_measures' spelling: `AP(rel=2)@100`.

    Args:
        cut: only the first `cut` documents count, 1 or more; None for the whole ranking.
        rel: the lowest grade that counts as relevant, 1 or more; None leaves it to the protocol's `min_grade`.
        judged_only: leave out the documents that are not judged, or below grade 0, before anything is counted.

    Raises:
        BadValue: `cut` or `rel` is no integer from 1 to 2^31 - 1, or one of the three is given to a measure that does not take it.
    """

    cut: int | None = None
    rel: int | None = None
    judged_only: bool = False

    TAKES: ClassVar[frozenset[str]] = frozenset({"cut", "rel", "judged_only"})
    """Which of the common parameters this measure reads."""
    AT: ClassVar[str] = "cut"
    """The parameter that is spelt behind the @."""

    def __post_init__(self) -> None:
        kind = type(self).__name__
        for name, default in (("cut", None), ("rel", None), ("judged_only", False)):
            if name not in self.TAKES and getattr(self, name) != default:
                raise BadValue(f"{name} of {kind}", getattr(self, name), f"nothing: {kind} has none")
        for name, value in (("cut", self.cut), ("rel", self.rel)):
            if value is not None and (type(value) is not int or not 1 <= value <= GREATEST):
                raise BadValue(f"{name} of {kind}", value, f"an integer from 1 up to {GREATEST}, or None")
        if type(self.judged_only) is not bool:
            raise BadValue(f"judged_only of {kind}", self.judged_only, "True or False")

    def __str__(self) -> str:
        defaults = {field.name: field.default for field in fields(self)}
        given = {name: getattr(self, name) for name in defaults if name != self.AT}
        parameters = ",".join(f"{name}={_spelt(value)}" for name, value in given.items() if value != defaults[name])
        at = getattr(self, self.AT)
        return type(self).__name__ + (f"({parameters})" if parameters else "") + ("" if at is None else f"@{at}")

    @classmethod
    def parameters(cls) -> Iterator[str]:
        """The names that may stand in the brackets or, for the one of them that is `AT`, behind the @."""
        for field in fields(cls):
            if field.name in cls.TAKES or field.name not in ("cut", "rel", "judged_only"):
                yield field.name

    def per_query(self, judged: JudgedRun, *, min_grade: int = 1) -> Floats:
        """float64 (q,): the value for each query of `judged`.

        Args:
            judged: the run and its judgments.
            min_grade: the lowest relevant grade where the measure names none itself.
        """
        return self.values(judged.condensed() if self.judged_only else judged, self.rel or min_grade)

    @abstractmethod
    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,): the value for each query, where documents are relevant from grade `rel` on."""

    def _check_number(self, name: str, low: float, high: float, expected: str) -> None:
        """Takes a parameter as a float; raises BadValue where it is not from `low` to `high`."""
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise BadValue(f"{name} of {type(self).__name__}", value, expected)
        object.__setattr__(self, name, float(value))


def ratio(part: Floats, whole: Floats) -> Floats:
    """float64 (q,): part / whole, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(part), np.float64), where=whole > 0)


def running(groups: NDArray[np.int64], values: Floats) -> Floats:
    """float64 (n,): the sum of the values of a group up to and with each entry; `groups` is ascending."""
    total = np.cumsum(values)
    starts = np.searchsorted(groups, groups)
    return total - (total - values)[starts]


def _spelt(value: object) -> str:
    if isinstance(value, tuple):
        return "{" + ",".join(f"{key}:{item}" for key, item in value) + "}"
    return repr(value)
