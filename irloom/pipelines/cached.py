"""Cached: a stage whose answers are kept on disk, by its fingerprint and all that it reads of query and documents.

A changed model, collection or argument changes the fingerprint, so it never gets an old answer. What a server holds behind an
endpoint cannot be seen: there the fingerprint is the model's name.
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Corpus, Scorer
from irloom.core.errors import BadValue
from irloom.core.notes import NOTES, kept_order, plain_note
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Reranker, Retriever, check_request
from irloom.core.types import Document, Query
from irloom.data.named import cache_folder
from irloom.pipelines.cache_store import CacheStore
from irloom.pipelines.provenance import own_version
from irloom.pipelines.rerank_in_batches import rerank_in_batches

MAX_MB = 1024
"""Megabytes of a cache unless told otherwise."""

TOGETHER = 32
"""Queries that are reranked before their rankings are kept: as many as an interrupt can lose."""

_FORM = "2"
"""Of the values; another one is never read as this one."""

_NOTED = frozenset(NOTES)
_HEAD = struct.Struct("<I")
_SCORE = struct.Struct("<f")


class Cached(Retriever):
    """A retriever whose rankings are kept, by its fingerprint, the query and k.

    Args:
        retriever: whose rankings they are.
        path: the file of the cache; None for `stages.sqlite` in irloom's cache folder.
        max_mb: megabytes from which on the oldest entries make room, 1 or more.

    Raises:
        BadValue: `max_mb` is below 1.
    """

    def __init__(self, retriever: Retriever, *, path: str | Path | None = None, max_mb: int = MAX_MB) -> None:
        self.retriever, self.store = retriever, open_store(path, max_mb)

    @property
    def fingerprint(self) -> str:
        """The retriever's."""
        return self.retriever.fingerprint

    @property
    def label(self) -> str:
        """The retriever's."""
        return self.retriever.label

    @property
    def exact_cuts(self) -> bool:
        """The retriever's."""
        return self.retriever.exact_cuts

    @property
    def bare(self) -> Retriever:
        """The retriever, bare."""
        return self.retriever.bare

    def warm_up(self) -> None:
        """Warms the retriever."""
        self.retriever.warm_up()

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query; those that are not kept yet are asked as one batch."""
        check_request(queries, k)
        stage = ("retriever", self.fingerprint, str(k))
        keys = [_key(*stage, query_content(query)) for query in queries]
        kept = _Kept(self.store, queries, keys)
        rows = kept.found()
        made = self.retriever.retrieve([query for query in queries if query.id not in rows], k=k)
        kept.keep(made)
        if not rows:
            return made
        rows |= {query_id: _Row.of(made, row) for row, query_id in enumerate(made)}
        return _joined({query.id: rows[query.id] for query in queries})


class CachedReranker(Reranker):
    """A reranker whose rankings are kept, by its fingerprint, the query, the ranking that it is given, its documents' texts, and k.

    Args:
        reranker: whose rankings they are.
        corpus: gives the documents' texts.
        path: the file of the cache; None for `stages.sqlite` in irloom's cache folder.
        max_mb: megabytes from which on the oldest entries make room, 1 or more.

    Raises:
        BadValue: `max_mb` is below 1.
    """

    def __init__(self, reranker: Reranker, corpus: Corpus, *, path: str | Path | None = None, max_mb: int = MAX_MB) -> None:
        self.reranker, self.corpus, self.store = reranker, corpus, open_store(path, max_mb)
        self.depth = reranker.depth

    @property
    def fingerprint(self) -> str:
        """The reranker's."""
        return self.reranker.fingerprint

    @property
    def label(self) -> str:
        """The reranker's."""
        return self.reranker.label

    def warm_up(self) -> None:
        """Warms the reranker."""
        self.reranker.warm_up()

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering; those not yet kept are reranked, `TOGETHER` at a time, and kept."""
        check_request(queries, k)
        rows = {query_id: row for row, query_id in enumerate(run.query_ids)}
        heads = {query.id: run[query.id].doc_ids[: self.depth] for query in queries if query.id in run}
        wanted = list(dict.fromkeys(doc_id for head in heads.values() for doc_id in head))
        texts = {doc_id: document_content(found) for doc_id, found in zip(wanted, self.corpus.fetch(wanted), strict=True)}
        stage = ("reranker", self.fingerprint, str(k))
        keys = []
        for query in queries:
            given = replace(_Row.of(run, rows[query.id]), notes={}).pack() if query.id in rows else b""  # notes hold seconds
            keys.append(_key(*stage, query_content(query), given, *(texts[doc_id] for doc_id in heads.get(query.id, ()))))
        kept = _Kept(self.store, queries, keys)
        found = {query_id: row.run(query_id) for query_id, row in kept.found().items()}
        return rerank_in_batches(self.reranker, run, queries, k=k, size=TOGETHER, kept=kept, found=found)


class CachedScorer:
    """A scorer whose scores are kept, by its fingerprint, the query and the document.

    Args:
        scorer: whose scores they are.
        path: the file of the cache; None for `stages.sqlite` in irloom's cache folder.
        max_mb: megabytes from which on the oldest entries make room, 1 or more.

    Raises:
        BadValue: `max_mb` is below 1.
    """

    def __init__(self, scorer: Scorer, *, path: str | Path | None = None, max_mb: int = MAX_MB) -> None:
        self.scorer, self.store = scorer, open_store(path, max_mb)

    @property
    def fingerprint(self) -> str:
        """The scorer's."""
        return self.scorer.fingerprint

    def warm_up(self) -> None:
        """Warms the scorer."""
        self.scorer.warm_up()

    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]:
        """float32 (n_i,) for each group; the pairs that are not kept yet are scored in one call."""
        stage = ("scorer", self.fingerprint)
        texts = {id(document): document_content(document) for _, documents in groups for document in documents}
        keys = [[_key(*stage, query_content(query), texts[id(document)]) for document in documents] for query, documents in groups]
        found = {key: _SCORE.unpack(value)[0] for key, value in self.store.get([key for row in keys for key in row]).items()}
        missing = [(place, [number for number, key in enumerate(row) if key not in found]) for place, row in enumerate(keys)]
        missing = [(place, numbers) for place, numbers in missing if numbers]
        asked = [(groups[place][0], [groups[place][1][number] for number in numbers]) for place, numbers in missing]
        made: dict[bytes, float] = {}
        for (place, numbers), scores in zip(missing, self.scorer.score(asked) if asked else [], strict=True):
            made.update(zip([keys[place][number] for number in numbers], scores.tolist(), strict=True))
        self.store.put({key: _SCORE.pack(score) for key, score in made.items() if np.isfinite(score)})
        found.update(made)
        return [np.array([found[key] for key in row], np.float32) for row in keys]


def open_store(path: str | Path | None, max_mb: int) -> CacheStore:
    """The cache at a path, or irloom's own.

    Raises:
        BadValue: `max_mb` is below 1.
    """
    if max_mb < 1:
        raise BadValue("max_mb", max_mb, "1 or more")
    return CacheStore(Path(path).expanduser() if path is not None else cache_folder() / "stages.sqlite", max_mb=max_mb)


def query_content(query: Query) -> bytes:
    """All that a stage can read of a query."""
    fields = (query.id, query.text, query.turns, _images(query.images), query.where, query.at)
    return repr(fields).encode("utf-8", "surrogatepass")


def document_content(document: Document) -> bytes:
    """All that a stage can read of a document."""
    meta = sorted(document.meta.items())
    fields = (document.id, document.title, document.text, _images(document.images), document.parent, document.span, meta)
    return repr(fields).encode("utf-8", "surrogatepass")


def _images(paths: Sequence[Path]) -> list[tuple[str, int, int]]:
    """Each image's path, bytes and time of its last change."""
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) if path.exists() else (str(path), 0, 0) for path in paths]


def _key(*parts: str | bytes) -> bytes:
    """A key of what decides an answer, this form of the cache and irloom's release included."""
    digest = hashlib.blake2b(digest_size=20)
    for part in (_FORM, own_version(), *parts):
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()


@dataclass(frozen=True, slots=True)
class _Row:
    """One ranking of a run with its columns and notes."""

    doc_ids: Sequence[str]
    scores: NDArray[np.float32]
    columns: Mapping[str, NDArray[np.float32]]
    notes: Mapping[str, Any]

    @classmethod
    def of(cls, run: Run, row: int) -> "_Row":
        part = slice(int(run.offsets[row]), int(run.offsets[row + 1]))
        doc_ids = [run.doc_ids[doc] for doc in run.docs[part].tolist()]
        notes = {name: values[row] for name, values in run.notes.items()}
        return cls(doc_ids, run.scores[part], {name: column[part] for name, column in run.columns.items()}, notes)

    def run(self, query_id: str) -> Run:
        """A run of this ranking alone."""
        plain = Run.from_rankings({query_id: Ranking(self.doc_ids, self.scores)})
        notes = {name: [value] for name, value in self.notes.items()}
        return Run(plain.query_ids, plain.offsets, plain.docs, plain.scores, plain.doc_ids, columns=self.columns, notes=notes)

    def pack(self) -> bytes:
        head = json.dumps({"ids": list(self.doc_ids), "columns": list(self.columns), "notes": plain_note(self.notes)}).encode()
        numbers = [np.ascontiguousarray(values, "<f4").tobytes() for values in (self.scores, *self.columns.values())]
        return _HEAD.pack(len(head)) + head + b"".join(numbers)

    @classmethod
    def unpack(cls, data: bytes) -> "_Row":
        start = _HEAD.size + _HEAD.unpack_from(data)[0]
        head: dict[str, Any] = json.loads(data[_HEAD.size : start])
        count = len(head["ids"])
        numbers = np.frombuffer(data, "<f4", offset=start).reshape(1 + len(head["columns"]), count).astype(np.float32)
        notes = head["notes"] | ({"cached": 1} if _NOTED.intersection(head["notes"]) else {})
        return cls(head["ids"], numbers[0], dict(zip(head["columns"], numbers[1:], strict=True)), notes)


class _Kept:
    """Where the rankings of some queries are kept, each by its key."""

    def __init__(self, store: CacheStore, queries: Sequence[Query], keys: Sequence[bytes]) -> None:
        self._store = store
        self._keys = {query.id: key for query, key in zip(queries, keys, strict=True)}

    def keep(self, run: Run) -> None:
        """Keeps the rows of a run, but for queries that failed."""
        rows = {query_id: _Row.of(run, row) for row, query_id in enumerate(run)}
        self._store.put({self._keys[query_id]: row.pack() for query_id, row in rows.items() if not kept_order(row.notes)})

    def found(self) -> dict[str, "_Row"]:
        """The rows that are kept, by query."""
        values = self._store.get(list(self._keys.values()))
        return {query_id: _Row.unpack(values[key]) for query_id, key in self._keys.items() if key in values}


def _joined(rows: Mapping[str, _Row]) -> Run:
    """One run of rows by query; a column stays where every ranking with documents has it, a note wherever one has it."""
    plain = Run.from_rankings({query_id: Ranking(row.doc_ids, row.scores) for query_id, row in rows.items()})
    filled = [row.columns for row in rows.values() if len(row.doc_ids)]
    shared = [name for name in filled[0] if all(name in columns for columns in filled)] if filled else []
    columns = {name: np.concatenate([columns[name] for columns in filled]) for name in shared}
    names = dict.fromkeys(name for row in rows.values() for name in row.notes)
    notes = {name: [row.notes.get(name) for row in rows.values()] for name in names}
    return Run(plain.query_ids, plain.offsets, plain.docs, plain.scores, plain.doc_ids, columns=columns, notes=notes)
