"""Filters over a snapshot: which positions they allow, and the queries of a batch that share one."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import BadValue, UnknownName
from irloom.core.filter import OWN_FIELDS, And, Condition, Exists, In, Not, Or, Range, StartsWith, Value
from irloom.core.types import Filter, Query
from irloom.indexing.collection import Collection, Segment
from irloom.indexing.column_writer import segment_columns
from irloom.indexing.columns import Columns, Kind
from irloom.indexing.matching import Fields, matching

CACHED_BYTES = 64 << 20
"""Bytes of masks that a snapshot keeps; the last one is kept whatever its size."""

_MEANING: Final[Mapping[Kind, str]] = {"bool": "true or false", "float": "a number", "int": "a number", "text": "text"}


class SnapshotFilters:
    """The fields of a snapshot's documents, and the masks of the filters that were asked last. Safe to share between threads.

    Args:
        segments: of the snapshot.
        where: the collection, for errors.
    """

    def __init__(self, segments: Sequence[Segment], *, where: str) -> None:
        self._segments, self._where = tuple(segments), where
        self._masks: OrderedDict[str, Mask] = OrderedDict()
        self._lock = threading.RLock()

    @cached_property
    def columns(self) -> tuple[Columns, ...]:
        """The columns of each segment."""
        with self._lock:
            return tuple(segment_columns(segment.folder, segment.text) for segment in self._segments)

    @cached_property
    def kinds(self) -> Mapping[str, frozenset[Kind]]:
        """The kinds of values that each field has, those of deleted documents too; the document's own fields are always there."""
        found: dict[str, set[Kind]] = defaultdict(set, {field: {"text"} for field in OWN_FIELDS})
        for columns in self.columns:
            for field, kinds in columns.kinds().items():
                found[field] |= kinds
        return {field: frozenset(found[field]) for field in sorted(found)}

    def check_field(self, field: str) -> None:
        """Refuses a field that no document has.

        Raises:
            UnknownName: the text names the nearest one.
        """
        if field not in self.kinds:
            raise UnknownName("field", field, self.kinds, where=self._where)

    def check(self, condition: Condition) -> None:
        """Refuses what no document could be compared with.

        Raises:
            UnknownName: no document has the field.
            BadValue: it is compared with a value of another kind than it has.
        """
        if isinstance(condition, And | Or):
            for part in condition.parts:
                self.check(part)
            return
        if isinstance(condition, Not):
            self.check(condition.part)
            return
        self.check_field(condition.field)
        kinds = self.kinds[condition.field]
        for value in _values(condition):
            if not _kinds_of(value) & kinds:
                known = " or ".join(sorted({_MEANING[kind] for kind in kinds}))
                raise BadValue(f"the value of {condition.field!r} in a filter", value, f"{known}, which is what that field holds")

    def mask(self, where: Filter) -> Mask:
        """The documents that the filter allows and that are not deleted: bool (positions,), read-only.

        Raises:
            UnknownName: no document has the field.
            BadValue: it is compared with a value of another kind than it has.
        """
        with self._lock:
            if where.expression in self._masks:
                self._masks.move_to_end(where.expression)
                return self._masks[where.expression]
            self.check(where.condition)
            mask = self._reckoned(where.condition)
            self._masks[where.expression] = mask
            while len(self._masks) > 1 and len(mask) * len(self._masks) > CACHED_BYTES:
                self._masks.popitem(last=False)
            return mask

    def _reckoned(self, condition: Condition) -> Mask:
        masks = [np.empty(0, np.bool_)]
        for segment, columns in zip(self._segments, self.columns, strict=True):
            mask = matching(condition, Fields(columns, segment.text))
            masks.append(mask if segment.live is None else mask & segment.live)
        whole = np.concatenate(masks)
        whole.flags.writeable = False
        return whole


_SNAPSHOTS: WeakKeyDictionary[Collection, SnapshotFilters] = WeakKeyDictionary()
_LOCK = threading.Lock()


def filters_of(collection: Collection) -> SnapshotFilters:
    """The filters of a snapshot, made once for it and gone with it."""
    with _LOCK:
        return _SNAPSHOTS.setdefault(collection, SnapshotFilters(collection.segments, where=str(collection.root)))


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """Queries that share a filter.

    Attributes:
        rows: int64 (n,), their places in the batch, rising.
        where: the filter; None where they have none.
    """

    rows: NDArray[np.int64]
    where: Filter | None = None
    _filters: SnapshotFilters | None = None

    @property
    def allowed(self) -> Mask | None:
        """The documents that they may find, deleted ones left out: bool (positions,), kept by the snapshot; None without a filter."""
        return self._filters.mask(self.where) if self._filters is not None and self.where is not None else None


def filter_groups(collection: Collection, queries: Sequence[Query]) -> list[FilterGroup]:
    """The queries by their filters, in the order in which these come first; all in one group where none has a filter.

    Args:
        collection: the snapshot that is searched.
        queries: of one batch.

    Raises:
        UnknownName: a filter names a field that no document has.
        BadValue: a filter compares a field with a value of another kind than it has.
    """
    if all(query.where is None for query in queries):
        return [FilterGroup(np.arange(len(queries), dtype=np.int64))]
    filters = filters_of(collection)
    rows: dict[Filter | None, list[int]] = defaultdict(list)
    for row, query in enumerate(queries):
        rows[query.where].append(row)
    for where in rows:
        if where is not None:
            filters.check(where.condition)
    return [FilterGroup(np.array(places, np.int64), where, filters) for where, places in rows.items()]


def _values(test: In | Range | StartsWith | Exists) -> list[Value]:
    if isinstance(test, In):
        return list(test.values)
    if isinstance(test, Range):
        return [bound.value for bound in (test.low, test.high) if bound is not None]
    return [test.prefix] if isinstance(test, StartsWith) else []


def _kinds_of(value: Value) -> set[Kind]:
    if isinstance(value, bool):
        return {"bool"}
    return {"text"} if isinstance(value, str) else {"int", "float"}
