"""Gates: what a new system must keep of a base, such as `nDCG@10 >= base - 0.005`."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName
from irloom.core.types import Json
from irloom.eval.measures.parse import parse_measure
from irloom.eval.significance import tost

Values = NDArray[np.float64]

ALPHA = 0.05
"""The level at which a system must be shown not to be inferior."""
SAME = 1e-9
"""Means that differ by no more are equal, so that rounding opens and closes no gate."""

NONINFERIOR = "noninferior"
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda found, bound: found >= bound - SAME,
    "<=": lambda found, bound: found <= bound + SAME,
    "==": lambda found, bound: abs(found - bound) <= SAME,
    ">": lambda found, bound: found > bound + SAME,
    "<": lambda found, bound: found < bound - SAME,
}
_GATE = re.compile(rf"\s*(?P<measure>\S.*?)\s*(?<![<>=!])(?P<operator>>=|<=|==|>|<|\s{NONINFERIOR}\s)\s*(?P<bound>\S.*?)\s*")
_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_BOUND = re.compile(
    rf"(?P<plain>[+-]?{_NUMBER})|base(?:\s*(?P<sign>[+-])\s*(?P<offset>{_NUMBER})|\s*\*\s*(?P<after>{_NUMBER}))?|(?P<before>{_NUMBER})\s*\*\s*base"
)
_FORMS = (
    "MEASURE, then >=, >, <=, < or ==, then a number, base, base - 0.005, base + 0.01 or base * 0.99, as in 'nDCG@10 >= base - 0.005'; "
    "or 'nDCG@10 noninferior base - 0.01'"
)


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition on the mean of a measure: `operator` against `factor` x the base's mean + `offset`.

    Attributes:
        text: as it was written.
        measure: as it prints.
        operator: ">=", ">", "<=", "<", "==", or "noninferior", which asks that a loss of -`offset` or more is ruled out by a one-sided
            paired t-test at 0.05.
        factor: of the base's mean; 0 where the bound does not depend on it.
        offset: added to it.
    """

    text: str
    measure: str
    operator: str
    factor: float
    offset: float

    def check(self, base: Values, new: Values, *, system: str = "") -> "GateResult":
        """Whether the new values pass.

        Args:
            base: float64 (q,), by query.
            new: float64 (q,), over the same queries.
            system: whose values they are.
        """
        found, bound = float(new.mean()), self.factor * float(base.mean()) + self.offset
        if self.operator == NONINFERIOR:
            p_value = tost(new, base, margin=-self.offset).noninferior_p
            return GateResult(self, system, p_value < ALPHA, found, bound, p_value)
        return GateResult(self, system, _COMPARE[self.operator](found, bound), found, bound, None)


@dataclass(frozen=True, slots=True)
class GateResult:
    """How a gate ended.

    Attributes:
        gate: which.
        system: whose values were looked at.
        passed: whether it holds.
        found: the new mean.
        bound: what it was held against.
        p_value: of "inferior by the margin or more"; None for a gate without a test.
    """

    gate: Gate
    system: str
    passed: bool
    found: float
    bound: float
    p_value: float | None

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        return {
            "gate": self.gate.text,
            "system": self.system,
            "passed": self.passed,
            "found": self.found,
            "bound": self.bound,
            **({} if self.p_value is None else {"p": self.p_value, "level": ALPHA}),
        }


def parse_gate(text: str) -> Gate:
    """The gate that `text` spells.

    Raises:
        BadValue: it cannot be read.
        UnknownName: its measure is unknown.

    >>> gate = parse_gate("nDCG@10 >= base - 0.005")
    >>> gate.measure, gate.operator, gate.factor, gate.offset
    ('nDCG@10', '>=', 1.0, -0.005)
    """
    parts = _GATE.fullmatch(text)
    if parts is None:
        raise BadValue("gate", text, _FORMS)
    sign = parts["operator"].strip()
    bound = _BOUND.fullmatch(parts["bound"])
    if bound is None:
        raise BadValue(f"bound of the gate {text!r}", parts["bound"], _FORMS)
    factor, offset = _line(bound)
    if not math.isfinite(factor + offset):
        raise BadValue(f"bound of the gate {text!r}", parts["bound"], "numbers that are finite")
    if sign == NONINFERIOR and not (factor == 1 and offset < 0):
        raise BadValue(f"bound of the gate {text!r}", parts["bound"], "base less a margin above 0, as in 'nDCG@10 noninferior base - 0.01'")
    return Gate(text.strip(), _measure(parts["measure"], text), sign, factor, offset)


def _line(bound: re.Match[str]) -> tuple[float, float]:
    """Factor and offset of a bound."""
    if bound["plain"]:
        return 0.0, float(bound["plain"])
    if bound["offset"]:
        return 1.0, float(bound["sign"] + bound["offset"])
    factor = bound["after"] or bound["before"]
    return (float(factor) if factor else 1.0), 0.0


def _measure(spelling: str, text: str) -> str:
    try:
        return str(parse_measure(spelling))
    except UnknownName as error:
        raise UnknownName(error.kind, error.name, error.known, where=f"gate {text!r}") from None
    except BadValue as error:
        raise BadValue(f"gate {text!r}: {error.name}", error.value, error.expected) from None
