"""What a filter means, said a second time: one document at a time, in plain Python."""

from irloom.core.filter import OWN_FIELDS, And, Condition, Exists, In, Not, Or, Range, StartsWith
from irloom.core.types import Document


def holds(condition: Condition, document: Document) -> bool:
    if isinstance(condition, And):
        return all(holds(part, document) for part in condition.parts)
    if isinstance(condition, Or):
        return any(holds(part, document) for part in condition.parts)
    if isinstance(condition, Not):
        return not holds(condition.part, document)
    return any(passes(condition, value) for value in values(condition.field, document))


def values(field: str, document: Document) -> list[object]:
    if field in OWN_FIELDS:
        own = {"id": document.id, "parent": document.parent, "title": document.title}[field]
        return [own] if own else []
    found = document.meta.get(field.removeprefix("meta."), ())
    return list(found) if isinstance(found, tuple) else [found]


def passes(test: In | Range | StartsWith | Exists, value: object) -> bool:
    if isinstance(test, In):
        return any(kind(value) == kind(wanted) and value == wanted for wanted in test.values)
    if isinstance(test, StartsWith):
        return isinstance(value, str) and value.startswith(test.prefix)
    if isinstance(test, Range):
        for bound, side in ((test.low, 1), (test.high, -1)):
            if bound is None:
                continue
            if kind(bound.value) != kind(value) or isinstance(value, bool):
                return False
            order = (value > bound.value) - (value < bound.value)  # type: ignore[operator]
            if order != side and not (order == 0 and bound.included and value == bound.value):
                return False
    return True


def kind(value: object) -> str:
    return "bool" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"
