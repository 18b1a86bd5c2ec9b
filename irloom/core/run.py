"""Run: the rankings of many queries, sorted and ties broken in one place.

The order is trec_eval's: score descending, then document id descending. A Run keeps its rankings in columns.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Hits
from irloom.core.errors import BadValue, DataError, DuplicateDocument
from irloom.core.ranking import Ranking

Column = NDArray[np.float32]


class Run(Mapping[str, Ranking]):
    """Rankings by query id; immutable. A query without hits keeps its key.

    Attributes:
        query_ids: one id per row.
        offsets: int64 (q+1,), row i holds the entries offsets[i]:offsets[i+1], best first.
        docs: int32 (n,), positions in `doc_ids`.
        scores: float32 (n,).
        doc_ids: the table of this run's own document ids.
        columns: name -> float32 (n,): provenance, one per stage score or feature.
        notes: name -> one value per query.
    """

    def __init__(
        self,
        query_ids: Sequence[str],
        offsets: NDArray[np.int64],
        docs: NDArray[np.int32],
        scores: NDArray[np.float32],
        doc_ids: Sequence[str],
        *,
        columns: Mapping[str, Column] | None = None,
        notes: Mapping[str, Sequence[object]] | None = None,
    ) -> None:
        """Takes ordered columns as they are; `from_columns` sorts and checks."""
        self.query_ids, self.doc_ids = tuple(query_ids), tuple(doc_ids)
        self.offsets = np.asarray(offsets, np.int64).view()  # views, so that freezing them leaves the caller's arrays alone
        self.docs, self.scores = np.asarray(docs, np.int32).view(), np.asarray(scores, np.float32).view()
        self.columns: Mapping[str, Column] = MappingProxyType(dict(columns or {}))
        self.notes: Mapping[str, Sequence[object]] = MappingProxyType({name: tuple(values) for name, values in (notes or {}).items()})
        self._rows = {query_id: row for row, query_id in enumerate(self.query_ids)}
        if len(self._rows) != len(self.query_ids):
            repeated = next(query for row, query in enumerate(self.query_ids) if self._rows[query] != row)
            raise BadValue("query_ids", repeated, "ids that occur once each")
        if len(self.offsets) != len(self.query_ids) + 1 or int(self.offsets[-1]) != len(self.docs) or len(self.docs) != len(self.scores):
            raise BadValue("offsets, docs, scores", (len(self.offsets), len(self.docs), len(self.scores)), "columns that belong together")
        for name, values in self.notes.items():
            if len(values) != len(self.query_ids):
                raise BadValue(f"notes {name!r}", len(values), f"one value a query, {len(self.query_ids)}")
        for array in (self.offsets, self.docs, self.scores):
            array.flags.writeable = False

    @classmethod
    def from_columns(
        cls,
        query_ids: Sequence[str],
        offsets: NDArray[np.int64],
        docs: NDArray[np.int32],
        scores: NDArray[np.float32],
        doc_ids: Sequence[str],
        *,
        ordered: bool,
        columns: Mapping[str, Column] | None = None,
        notes: Mapping[str, Sequence[object]] | None = None,
    ) -> "Run":
        """A checked run; each row is sorted by score, then document id, both descending, unless it is `ordered` already.

        Raises:
            DataError: a score is NaN.
            DuplicateDocument: a document stands twice in a row.
        """
        docs, scores = np.asarray(docs, np.int32), np.asarray(scores, np.float32)
        rows = np.repeat(np.arange(len(query_ids), dtype=np.int64), np.diff(offsets))
        _check_entries(rows, docs, scores, query_ids, doc_ids)
        columns = dict(columns or {})
        order = None if ordered else _order(rows, docs, scores, doc_ids)
        if order is not None:
            docs, scores = docs[order], scores[order]
            columns = {name: column[order] for name, column in columns.items()}
        return cls(query_ids, offsets, docs, scores, doc_ids, columns=columns, notes=notes)

    @classmethod
    def from_rankings(cls, rankings: Mapping[str, Ranking], *, notes: Mapping[str, Sequence[object]] | None = None) -> "Run":
        """A run of rankings in the order that they have.

        Raises:
            DuplicateDocument: a document stands twice in a ranking.
            DataError: a score is NaN.
        """
        offsets, docs, doc_ids = _numbered([ranking.doc_ids for ranking in rankings.values()])
        scores = np.concatenate([ranking.scores for ranking in rankings.values()]) if rankings else np.empty(0, np.float32)
        return cls.from_columns(list(rankings), offsets, docs, scores, doc_ids, ordered=True, notes=notes)

    @classmethod
    def from_dict(cls, scores: Mapping[str, Mapping[str, float]]) -> "Run":
        """A run of query id -> document id -> score, sorted.

        Raises:
            DataError: a score is NaN.
        """
        offsets, docs, doc_ids = _numbered(list(scores.values()))
        values = np.array([score for row in scores.values() for score in row.values()], np.float32)
        return cls.from_columns(list(scores), offsets, docs, values, doc_ids, ordered=False)

    @classmethod
    def from_hits(cls, query_ids: Sequence[str], hits: Hits, ids: Callable[[NDArray[np.int64]], list[str]]) -> "Run":
        """A run of an index's hits, in their order; `ids` gives the id of each position."""
        found = hits.positions >= 0
        offsets = np.concatenate([[0], np.cumsum(found.sum(axis=1))]).astype(np.int64)
        unique, docs = np.unique(hits.positions[found], return_inverse=True)
        return cls(query_ids, offsets, docs.astype(np.int32), hits.scores[found], ids(unique))

    @classmethod
    def concat(cls, runs: Sequence["Run"]) -> "Run":
        """The rows of several runs under each other, as they are; columns are kept where every run has them, all notes are.

        A note that a run lacks is None for its queries.

        Raises:
            BadValue: a query is in two runs.
        """
        table: dict[str, int] = {}
        docs = [np.empty(0, np.int32)]
        for run in runs:
            used, places = np.unique(run.docs, return_inverse=True)  # a row of a large run has all of its ids
            joined = [table.setdefault(run.doc_ids[doc], len(table)) for doc in used.tolist()]
            docs.append(np.array(joined, np.int32)[places])
        lengths = [np.diff(run.offsets) for run in runs]
        offsets = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
        shared = set.intersection(*(set(run.columns) for run in runs)) if runs else set()
        names = dict.fromkeys(name for run in runs for name in run.notes)
        return cls(
            [query_id for run in runs for query_id in run.query_ids],
            offsets,
            np.concatenate(docs),
            np.concatenate([np.empty(0, np.float32), *(run.scores for run in runs)]),
            list(table),
            columns={name: np.concatenate([run.columns[name] for run in runs]) for name in sorted(shared)},
            notes={name: [value for run in runs for value in run.notes.get(name, [None] * len(run))] for name in names},
        )

    def rows(self, query_ids: Sequence[str]) -> "Run":
        """The rankings of those queries, in that order.

        Raises:
            KeyError: the run lacks one of them.
        """
        places = [self._rows[query_id] for query_id in query_ids]
        lengths = np.diff(self.offsets)[places]
        offsets = np.concatenate([np.zeros(1, np.int64), lengths.cumsum()]).astype(np.int64)
        entries = np.repeat(self.offsets[places] - offsets[:-1], lengths) + np.arange(int(offsets[-1]), dtype=np.int64)
        columns = {name: column[entries] for name, column in self.columns.items()}
        notes = {name: [values[place] for place in places] for name, values in self.notes.items()}
        return Run(query_ids, offsets, self.docs[entries], self.scores[entries], self.doc_ids, columns=columns, notes=notes)

    def with_notes(self, notes: Mapping[str, Sequence[object]]) -> "Run":
        """The same rankings and columns with these notes added; one of a name that is there takes its place.

        Raises:
            BadValue: a note has not one value a query.
        """
        both = {**self.notes, **notes}
        return Run(self.query_ids, self.offsets, self.docs, self.scores, self.doc_ids, columns=self.columns, notes=both)

    def __getitem__(self, query_id: str) -> Ranking:
        row = self._rows[query_id]
        part = slice(int(self.offsets[row]), int(self.offsets[row + 1]))
        return Ranking([self.doc_ids[doc] for doc in self.docs[part].tolist()], self.scores[part])

    def __iter__(self) -> Iterator[str]:
        return iter(self.query_ids)

    def __len__(self) -> int:
        return len(self.query_ids)

    def __contains__(self, query_id: object) -> bool:
        return query_id in self._rows

    def __repr__(self) -> str:
        return f"Run({len(self.query_ids)} queries, {len(self.docs)} entries)"

    def cut(self, k: int) -> "Run":
        """The first `k` documents of each ranking."""
        if k < 0:
            raise BadValue("k", k, "0 or more")
        lengths = np.diff(self.offsets)
        if not len(lengths) or int(lengths.max()) <= k:
            return self
        places = np.arange(len(self.docs), dtype=np.int64) - np.repeat(self.offsets[:-1], lengths)
        kept = places < k
        offsets = np.concatenate([[0], np.cumsum(np.minimum(lengths, k))]).astype(np.int64)
        columns = {name: column[kept] for name, column in self.columns.items()}
        return Run(self.query_ids, offsets, self.docs[kept], self.scores[kept], self.doc_ids, columns=columns, notes=self.notes)


def _numbered(rows: Sequence[Collection[str]]) -> tuple[NDArray[np.int64], NDArray[np.int32], list[str]]:
    """Offsets int64 (q+1,), and int32 (n,) places of the rows' ids in the table of ids that stands third."""
    table: dict[str, int] = {}
    docs = [table.setdefault(doc_id, len(table)) for row in rows for doc_id in row]
    return np.cumsum([0, *map(len, rows)], dtype=np.int64), np.array(docs, np.int32), list(table)


def _order(rows: NDArray[np.int64], docs: NDArray[np.int32], scores: Column, doc_ids: Sequence[str]) -> NDArray[np.int64] | None:
    """int64 (n,): the entries by score, then id, both descending in each row; None where they stand so already.

    Ids are compared only where scores are equal, which few are in most runs.
    """
    inside = rows[1:] == rows[:-1]
    order = np.lexsort((-scores, rows)) if np.any(inside & (scores[1:] > scores[:-1])) else None
    sorted_scores = scores if order is None else scores[order]
    equal = inside & (sorted_scores[1:] == sorted_scores[:-1])
    if not equal.any():
        return order
    tied = np.flatnonzero(np.concatenate([equal, [False]]) | np.concatenate([[False], equal]))
    group = np.cumsum(~np.concatenate([[False], equal])[tied])
    entries = tied if order is None else order[tied]
    by_id = np.lexsort((_descending_rank(docs[entries], doc_ids), group))
    order = np.arange(len(rows)) if order is None else order
    order[tied] = entries[by_id]
    return order


def _descending_rank(docs: NDArray[np.int32], doc_ids: Sequence[str]) -> NDArray[np.int64]:
    """int64 (n,): the place of each document when those that occur are sorted by id, descending."""
    unique, numbers = np.unique(docs, return_inverse=True)
    ids = [doc_ids[doc] for doc in unique.tolist()]
    rank = np.empty(len(ids), np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__, reverse=True)] = np.arange(len(ids))
    return rank[numbers]


def _check_entries(
    rows: NDArray[np.int64], docs: NDArray[np.int32], scores: Column, query_ids: Sequence[str], doc_ids: Sequence[str]
) -> None:
    bad = np.flatnonzero(np.isnan(scores))
    if len(bad):
        raise DataError(f"query {query_ids[rows[bad[0]]]!r}: the score of document {doc_ids[docs[bad[0]]]!r} is NaN")
    keys = np.sort(rows * len(doc_ids) + docs)
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    if len(twice):
        row, doc = divmod(int(keys[twice[0]]), len(doc_ids))
        raise DuplicateDocument(doc_ids[doc], where=f"the ranking of query {query_ids[row]!r}")
