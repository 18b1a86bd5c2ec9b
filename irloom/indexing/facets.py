"""Facets: how often each value of a field occurs, over all documents, those of a filter, or those that a search found."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import BadValue, Corrupt, UnknownDocument
from irloom.core.filter import Value
from irloom.core.types import Filter
from irloom.indexing.collection import Collection
from irloom.indexing.columns import CODES, WORDS, ValueRun
from irloom.indexing.filtering import SnapshotFilters, filters_of

TOP = 10
_EXACT = 1 << 53
"""Up to here float64 holds every whole number."""


@dataclass(frozen=True, slots=True)
class Facet:
    """What a field holds.

    Attributes:
        field: its name.
        counts: the most frequent values with the number of documents that have each; of equally frequent ones the smaller value first, true
            and false before numbers before texts.
        distinct: how many different values there are.
        documents: how many documents have the field.
        total: how many documents were looked at.
    """

    field: str
    counts: tuple[tuple[Value, int], ...]
    distinct: int
    documents: int
    total: int

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        counts = [{"value": value, "documents": count} for value, count in self.counts]
        return {"field": self.field, "documents": self.documents, "total": self.total, "distinct": self.distinct, "counts": counts}


def count_facet(
    collection: Collection, field: str, *, where: Filter | None = None, doc_ids: Sequence[str] | None = None, top: int | None = TOP
) -> Facet:
    """Counts the documents of each value of a metadata field, or of "parent".

    Args:
        collection: whose documents are counted, deleted ones left out.
        field: as filters name it.
        where: only documents that it allows.
        doc_ids: only these documents, each once, such as the hits of a search.
        top: how many values are given, 0 or more; None for all.

    Raises:
        UnknownName: no document has the field, or one of the filter.
        BadValue: the field is "id" or "title", the filter compares a field with a value of another kind, or `top` is negative.
        UnknownDocument: a document is not in the collection.
    """
    filters = filters_of(collection)
    filters.check_field(field)
    if field in ("id", "title"):
        raise BadValue("field", field, "a metadata field or 'parent', since nearly every document has its own")
    if top is not None and top < 0:
        raise BadValue("top", top, "0 or more")
    looked_at = _looked_at(collection, filters, where, doc_ids)
    counts: Counter[tuple[int, Value]] = Counter()
    documents = distinct = 0
    only = len(collection.segments) == 1
    for segment, columns in zip(collection.segments, filters.columns, strict=True):
        own = looked_at[segment.base : segment.base + len(segment)]
        having = np.zeros(len(segment), np.bool_)
        for run in columns.of(field):
            owners = run.owners()
            kept = own[owners]
            having[owners[kept]] = True
            values, times = _counted(run, kept)
            if only and run.kind == "text" and top is not None:  # the words that are not shown need not be read
                distinct += max(0, len(values) - top)
                values, times = values[:top], times[:top]
            counts.update(dict(zip(_spelt(run, values), times.tolist(), strict=True)))
        documents += int(np.count_nonzero(having))
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:top]
    found = tuple((value, count) for (_, value), count in shown)
    return Facet(field, found, distinct + len(counts), documents, int(np.count_nonzero(looked_at)))


def _looked_at(collection: Collection, filters: SnapshotFilters, where: Filter | None, doc_ids: Sequence[str] | None) -> Mask:
    """The documents that count: bool (positions,)."""
    mask = collection.ids.live if where is None else filters.mask(where)
    if doc_ids is None:
        return np.ones(len(collection.ids), np.bool_) if mask is None else mask
    positions = collection.ids.positions(doc_ids)
    if len(missing := np.flatnonzero(positions < 0)):
        raise UnknownDocument(doc_ids[int(missing[0])], where=str(collection.root))
    chosen = np.zeros(len(collection.ids), np.bool_)
    chosen[positions] = True
    return chosen if mask is None else chosen & mask


def _counted(run: ValueRun, kept: Mask) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The different values of the kept entries, the most frequent first, and int64 (values,) how often each occurs."""
    if run.kind == "text":
        if np.any(run.values < 0) or np.any(run.values >= len(run.words)):
            raise Corrupt(Path(CODES), f"it names texts of {len(run.words)} that are not there")
        times = np.bincount(run.values[kept], minlength=len(run.words))
        values = np.flatnonzero(times)
        times = times[values]
    else:
        values, times = np.unique(run.values[kept], return_counts=True)
    order = np.argsort(-times, kind="stable")
    return values[order], times[order]


def _spelt(run: ValueRun, values: NDArray[Any]) -> list[tuple[int, Value]]:
    """Values with a number that sets truth values, numbers and texts apart, which Python takes for equal or cannot order."""
    if run.kind == "text":
        try:
            return [(2, run.words[number].decode("utf-8", "surrogatepass")) for number in values.tolist()]
        except UnicodeDecodeError as error:
            raise Corrupt(Path(WORDS), f"not UTF-8 ({error.reason})") from None
    return [(0, bool(value)) if run.kind == "bool" else (1, _number(value)) for value in values.tolist()]


def _number(value: float) -> float:
    """One spelling of equal numbers, whole ones without a fraction, and one NaN."""
    if math.isnan(value):
        return math.nan
    return int(value) if abs(value) < _EXACT and value == int(value) else value
