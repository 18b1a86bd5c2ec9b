"""What a measure is: a frozen value that turns a JudgedRun into one number per query."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun


@dataclass(frozen=True)
class Measure(ABC):
    """A measure, its cut and its parameters. It prints in ir_measures' spelling: `AP(rel=2)@100`.

    Args:
        cut: only the first `cut` documents count, 1 or more; None for the whole ranking.
        rel: the lowest grade that counts as relevant, 1 or more; None leaves it to the protocol's `min_grade`.

    Raises:
        BadValue: `cut` or `rel` is below 1.
    """

    cut: int | None = None
    rel: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("cut", self.cut), ("rel", self.rel)):
            if value is not None and (type(value) is not int or value < 1):
                raise BadValue(f"{name} of {type(self).__name__}", value, "an integer from 1 up, or None")

    def __str__(self) -> str:
        given = [(field.name, getattr(self, field.name)) for field in fields(self) if field.name != "cut"]
        defaults = {field.name: field.default for field in fields(self)}
        parameters = ", ".join(f"{name}={value!r}" for name, value in given if value != defaults[name])
        return type(self).__name__ + (f"({parameters})" if parameters else "") + (f"@{self.cut}" if self.cut else "")

    @abstractmethod
    def per_query(self, judged: JudgedRun, *, min_grade: int = 1) -> NDArray[np.float64]:
        """float64 (q,): the value for each query of `judged`, between 0 and 1.

        Args:
            judged: the run and its judgments.
            min_grade: the lowest relevant grade where the measure names none itself.
        """


def ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 (q,): part / whole, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(part), np.float64), where=whole > 0)
