"""Which documents of a segment a condition holds for: masks over its columns, its ids and its titles."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.filter import And, Bound, Condition, Exists, In, Not, Or, Range, StartsWith
from irloom.indexing.byte_order import compare_bytes
from irloom.indexing.columns import Columns, ValueRun
from irloom.indexing.id_table import IdTable
from irloom.indexing.number_order import ends_of, representable
from irloom.indexing.strings import read_only
from irloom.indexing.text_store import TextStore

Test: TypeAlias = In | Range | StartsWith | Exists
"""A condition on one field."""

_AFTER = b"\xff"
"""Comes after every byte of UTF-8, so that a prefix and this comes after all that starts with the prefix."""


@dataclass(frozen=True, slots=True)
class Fields:
    """All that conditions can ask of a segment's documents: metadata and parents by column, ids and titles in the text."""

    columns: Columns
    text: TextStore


def matching(condition: Condition, fields: Fields) -> Mask:
    """For which documents of a segment the condition holds: bool (documents,). It was checked that the fields have values of its kinds."""
    if isinstance(condition, Not):
        return ~matching(condition.part, fields)
    if isinstance(condition, And | Or):
        join = np.logical_and if isinstance(condition, And) else np.logical_or
        mask = matching(condition.parts[0], fields)
        for part in condition.parts[1:]:
            join(mask, matching(part, fields), out=mask)
        return mask
    if condition.field == "id":
        return _of_ids(condition, fields.text.ids)
    if condition.field == "title":
        return _of_titles(condition, fields.text)
    mask = np.zeros(fields.columns.documents, np.bool_)
    for run in fields.columns.of(condition.field):
        hits = _of_run(condition, run)
        if run.documents is None:
            mask |= hits
        else:
            mask[run.documents[hits]] = True
    return mask


def _of_run(test: Test, run: ValueRun) -> Mask:
    """Which values of a run pass: bool (entries,)."""
    if isinstance(test, Exists):
        return np.ones(len(run.values), np.bool_)
    if run.kind == "text":
        return _of_texts(test, run)
    if isinstance(test, StartsWith):
        return np.zeros(len(run.values), np.bool_)
    if run.kind == "bool":
        wanted = [int(value) for value in test.values if isinstance(value, bool)] if isinstance(test, In) else []
        return np.isin(run.values, wanted)
    if isinstance(test, In):
        numbers = [value for value in test.values if isinstance(value, int | float) and not isinstance(value, bool)]
        return np.isin(run.values, representable(numbers, whole=run.kind == "int"))
    if any(bound is not None and isinstance(bound.value, str) for bound in (test.low, test.high)):
        return np.zeros(len(run.values), np.bool_)
    return _between(run.values, *ends_of(test.low, test.high, whole=run.kind == "int"))


def _of_texts(test: In | Range | StartsWith, run: ValueRun) -> Mask:
    """Texts are compared by their numbers, which are in the texts' order."""
    words, codes = run.words, run.values
    if isinstance(test, In):
        found = [words.find(_utf8(value)) for value in test.values if isinstance(value, str)]
        wanted = np.zeros(len(words), np.bool_)
        wanted[[number for number in found if number >= 0]] = True
        return codes == found[0] if len(found) == 1 else wanted.take(codes, mode="clip")
    if isinstance(test, StartsWith):
        prefix = _utf8(test.prefix)
        return _between(codes, words.below(prefix), words.below(prefix + _AFTER) - 1)
    low, high = _texts(test.low), _texts(test.high)
    if (test.low and low is None) or (test.high and high is None):
        return np.zeros(len(codes), np.bool_)
    first = 0 if low is None else words.below(low[0]) + (not low[1] and words.find(low[0]) >= 0)
    last = len(words) - 1 if high is None else words.below(high[0]) - 1 + (high[1] and words.find(high[0]) >= 0)
    return _between(codes, first, last)


def _of_ids(test: Test, ids: IdTable) -> Mask:
    """Ids are compared by their ranks, which fall as ids rise."""
    if isinstance(test, Exists):
        return np.ones(len(ids), np.bool_)
    if isinstance(test, In):
        mask = np.zeros(len(ids), np.bool_)
        places = ids.positions([value for value in test.values if isinstance(value, str)])
        mask[places[places >= 0]] = True
        return mask
    if isinstance(test, StartsWith):
        prefix = _utf8(test.prefix)
        first, last = _above(ids, prefix + _AFTER, itself=False), _above(ids, prefix, itself=True) - 1
    else:
        low, high = _texts(test.low), _texts(test.high)
        first = 0 if high is None else _above(ids, high[0], itself=not high[1])
        last = len(ids) - 1 if low is None else _above(ids, low[0], itself=low[1]) - 1
    return _between(ids.rank, first, last)


def _of_titles(test: Test, text: TextStore) -> Mask:
    """Titles are read where they stand in the text; an empty one is missing."""
    data, starts, ends = text.data, text.offsets[:-1:2], text.offsets[1::2]
    there = ends > starts
    if isinstance(test, Exists):
        return there
    if isinstance(test, In):
        mask = np.zeros(len(starts), np.bool_)
        for value in test.values:
            if isinstance(value, str):
                key = _utf8(value)
                same = np.flatnonzero(ends - starts == len(key))
                mask[same[compare_bytes(data, starts[same], ends[same], key) == 0]] = True
        return mask & there
    if isinstance(test, StartsWith):
        key = _utf8(test.prefix)
        return np.asarray(there & (compare_bytes(data, starts, np.minimum(ends, starts + len(key)), key) == 0))
    mask = there.copy()
    if low := _texts(test.low):
        mask &= compare_bytes(data, starts, ends, low[0]) >= (0 if low[1] else 1)
    if high := _texts(test.high):
        mask &= compare_bytes(data, starts, ends, high[0]) <= (0 if high[1] else -1)
    return mask


def _between(values: NDArray[Any], low: Any, high: Any) -> Mask:
    """Which values lie between two ends that belong to the range."""
    if low > high:
        return np.zeros(len(values), np.bool_)
    return np.asarray((values >= low) & (values <= high))


def _above(ids: IdTable, key: bytes, *, itself: bool) -> int:
    """How many ids are greater than the key, itself counted where that is asked for."""
    counts, same = ids.bisect(read_only(np.frombuffer(key, np.uint8)), read_only(np.array([0, len(key)], np.int64)))
    return int(counts[0]) + int(itself and same[0])


def _texts(bound: Bound | None) -> tuple[bytes, bool] | None:
    """A text bound as UTF-8, and whether it is included; None where there is none, or it is a number."""
    return (_utf8(bound.value), bound.included) if bound is not None and isinstance(bound.value, str) else None


def _utf8(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
