"""What a filter says: conditions on a document's fields, as frozen values that print as the text they are read from.

A comparison holds for a document that has the field with a value of which it is true; where the field has several values, one is
enough. A document without the field fails every comparison. `!=` and `not in` are `not` of `==` and `in`, so they hold for it.
"""

import json
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

Value: TypeAlias = str | int | float | bool
"""What a field is compared with."""

OWN_FIELDS: Final = ("id", "parent", "title")
"""The document's own fields; a metadata field of such a name is spelt with `META` before it."""

META: Final = "meta."
KEYWORDS: Final = frozenset({"and", "or", "not", "in", "exists", "startswith", "true", "false"})

_NAME = re.compile(r"[^\W\d][\w.\-]*")


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more conditions hold."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " and ".join(_within(part, Or, And) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more conditions holds."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " or ".join(_within(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    part: "Condition"

    def __str__(self) -> str:
        if isinstance(self.part, In):
            return self.part.spelt("!=", "not in")
        return f"not {_within(self.part, Or, And)}"


@dataclass(frozen=True, slots=True)
class In:
    """The field has one of the values."""

    field: str
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return self.spelt("==", "in")

    def spelt(self, one: str, several: str) -> str:
        """The text with the operator for one value or for several."""
        if len(self.values) == 1:
            return f"{_name(self.field)} {one} {_literal(self.values[0])}"
        return f"{_name(self.field)} {several} ({', '.join(map(_literal, self.values))})"


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a range: a number or a text, and whether it belongs to the range."""

    value: Value
    included: bool


@dataclass(frozen=True, slots=True)
class Range:
    """The field has a value within two bounds, of which one may be missing. Texts are in the order of their code points."""

    field: str
    low: Bound | None
    high: Bound | None

    def __str__(self) -> str:
        if self.low is not None and self.high is not None:
            return f"{_literal(self.low.value)} {_less(self.low)} {_name(self.field)} {_less(self.high)} {_literal(self.high.value)}"
        if self.low is not None:
            return f"{_name(self.field)} {'>=' if self.low.included else '>'} {_literal(self.low.value)}"
        assert self.high is not None
        return f"{_name(self.field)} {_less(self.high)} {_literal(self.high.value)}"


@dataclass(frozen=True, slots=True)
class StartsWith:
    """The field has a text that starts with the prefix."""

    field: str
    prefix: str

    def __str__(self) -> str:
        return f"{_name(self.field)} startswith {_literal(self.prefix)}"


@dataclass(frozen=True, slots=True)
class Exists:
    """The document has the field."""

    field: str

    def __str__(self) -> str:
        return f"{_name(self.field)} exists"


Condition: TypeAlias = And | Or | Not | In | Range | StartsWith | Exists


def field_of(metadata: str) -> str:
    """How a filter names a metadata field: as it is called, or with `META` before it where that would mean something else.

    >>> field_of("lang"), field_of("title"), field_of("meta.x")
    ('lang', 'meta.title', 'meta.meta.x')
    """
    return META + metadata if metadata in OWN_FIELDS or metadata.startswith(META) else metadata


def canonical_field(spelt: str) -> str:
    """The one name of the field that a filter spells, `META` being free before a metadata field."""
    return field_of(spelt.removeprefix(META)) if spelt.startswith(META) else spelt


def _within(part: Condition, *looser: type) -> str:
    return f"({part})" if isinstance(part, looser) else str(part)


def _less(bound: Bound) -> str:
    return "<=" if bound.included else "<"


def _name(field: str) -> str:
    """The name as it stands, or in backticks, which are doubled within."""
    if _NAME.fullmatch(field) and field not in KEYWORDS:
        return field
    return "`" + field.replace("`", "``") + "`"


def _literal(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)
