"""BM25: the lexical baseline, exact, on a memory-mapped inverted index."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import Lock
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Hits, Mask
from irloom.core.errors import BadValue, SpaceMismatch, UnknownName
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Query
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.filtering import filter_groups
from irloom.indexing.kernels.bm25_queries import Queries, TermRows, part_of
from irloom.indexing.lexical_statistics import LexicalStatistics
from irloom.indexing.parts import PartView
from irloom.retrievers.bm25_segments import BM25Segments
from irloom.retrievers.bm25_variants import DELTAS, VARIANTS
from irloom.text.analyzer import Analyzer

Block: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""int64 (queries,) how many were found; int64 (queries, k) positions and float32 (queries, k) scores, filled so far."""

_CELLS = 1 << 22
"""Results (queries times k) that are held at a time before they are packed."""


class BM25(Retriever):
    """BM25 over an inverted index: the exact best k, ties by document id descending.

    A document's score is the sum over the query's terms that it has; a repeated query term counts as often as it
    stands there. k1, b and the variant are free at query time. Document frequencies, the number of documents and their
    average length are those of the documents that are not deleted. The run is the same, bit for bit, for any number of
    threads, any batch, and any segments that hold the same documents. Queries with a filter find only what it lets
    through; the statistics stay those of all documents.

    Args:
        collection: the collection.
        part: the name of its part; not needed where it has one of kind "bm25".
        k1: how slowly a repeated term saturates, 0 or more.
        b: how much the document's length counts, 0 to 1.
        variant: "lucene", "robertson", "atire", "bm25l" or "bm25+".
        delta: the constant of bm25l and bm25+, 0 or more; None for the published one. The other variants have none.
        threads: how many queries are answered at once.

    Raises:
        UnknownName: the variant or the part is unknown.
        BadValue: a number is out of its range.

    Paper: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the variants by
    Kamphuis, de Vries, Boytsov, Lin, "Which BM25 Do You Mean?", 2020.
    """

    def __init__(
        self,
        collection: Collection,
        *,
        part: str | None = None,
        k1: float = 0.9,
        b: float = 0.4,
        variant: str = "lucene",
        delta: float | None = None,
        threads: int = 1,
    ) -> None:
        if variant not in VARIANTS:
            raise UnknownName("variant", variant, VARIANTS)
        if not 0 <= k1 < float("inf"):
            raise BadValue("k1", k1, "0 or more")
        if not 0 <= b <= 1:
            raise BadValue("b", b, "from 0 to 1")
        if delta is not None and not 0 <= delta < float("inf"):
            raise BadValue("delta", delta, "0 or more")
        if delta is not None and variant not in DELTAS:
            raise BadValue("delta", delta, f"None for the variant {variant!r}; {' and '.join(DELTAS)} have one")
        if threads < 1:
            raise BadValue("threads", threads, "1 or more")
        self.part = _part_of(collection, part)
        self._collection = collection  # kept, so that its files stay
        self.k1, self.b, self.variant, self.threads = k1, b, variant, threads
        self._lock = Lock()
        self.delta = DELTAS.get(variant, 0.0) if delta is None else delta

    @property
    def fingerprint(self) -> str:
        """The documents, their analysis, and every number of the formula."""
        return short_hash("bm25", self._collection.fingerprint, self.part.space, f"{self.k1} {self.b} {self.variant} {self.delta}")

    @property
    def exact_cuts(self) -> bool:
        """Yes: the search is exact."""
        return True

    @cached_property
    def analyzer(self) -> Analyzer:
        """How queries become terms: as the documents did.

        Raises:
            SpaceMismatch: this version of the analyzer makes other terms than the one that built the part.
        """
        analyzer = Analyzer.from_parameters(cast(Any, self.part.parameters["analyzer"]))
        space = BM25Part(analyzer).space
        if space != self.part.space:
            raise SpaceMismatch(self.part.name, asked=space, found=self.part.space)
        return analyzer

    @cached_property
    def statistics(self) -> LexicalStatistics:
        """The opened segments, and the counts that scores are made of."""
        return LexicalStatistics(self.part.segments)

    @cached_property
    def _segments(self) -> BM25Segments:
        return BM25Segments(self.part, self.statistics, k1=self.k1, b=self.b, variant=self.variant, delta=self.delta)

    def warm_up(self) -> None:
        """Opens the index and compiles the kernels."""
        self.search([[]], k=1)

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query; a query without known terms gets an empty ranking.

        Raises:
            BadValue: `k` is negative, two queries share an id, or a filter compares what cannot be compared.
            UnknownName: a filter asks for a field that no document has.
        """
        check_request(queries, k)
        token_lists = self.analyzer.token_lists([query.text for query in queries])
        groups = filter_groups(self._collection, queries)
        answers = []
        for group in groups:
            lists = token_lists if len(groups) == 1 else [token_lists[row] for row in group.rows.tolist()]
            answers.append(_joined([_packed(*block) for block in self._blocks(lists, k, group.allowed)]))
        found, positions, scores = answers[0] if len(groups) == 1 else _in_order([group.rows for group in groups], answers)
        offsets = np.concatenate([[0], np.cumsum(found)]).astype(np.int64)
        unique, docs = _unique(positions, self.part.total)
        return Run([query.id for query in queries], offsets, docs, scores, self.part.ids.ids(unique))

    def search(self, token_lists: Sequence[Sequence[str]], *, k: int, allowed: Mask | None = None) -> Hits:
        """The best `k` documents of queries that are analysed already.

        `allowed`, bool (positions,), says which documents may be found; None: all that are not deleted.

        Raises:
            BadValue: `k` is negative, or `allowed` is of another length.
        """
        if allowed is not None and allowed.shape != (self.part.total,):
            raise BadValue("allowed", allowed.shape, f"one bool for each of {self.part.total} positions")
        found, positions, scores = _joined(list(self._blocks(token_lists, k, allowed)))
        if positions.shape[1] < k:  # more than there are documents
            beyond = ((0, 0), (0, k - positions.shape[1]))
            positions, scores = np.pad(positions, beyond), np.pad(scores, beyond)
        if (found < k).any():
            empty = np.arange(k) >= found[:, None]
            positions[empty], scores[empty] = -1, -np.inf
        return Hits(positions, scores)

    def _blocks(self, token_lists: Sequence[Sequence[str]], k: int, allowed: Mask | None) -> Iterator[Block]:
        """The queries' results, some queries at a time."""
        if k < 0:
            raise BadValue("k", k, "0 or more")
        with self._lock:  # what is loaded at first use is loaded once
            segments = self._segments
        k = min(k, self.statistics.documents)
        queries, rows = segments.plan(token_lists)
        step = max(1, _CELLS // max(1, k))
        for start in range(0, max(1, len(token_lists)), step):
            yield self._block(part_of(queries, start, start + step), rows, k, allowed)

    def _block(self, queries: Queries, rows: TermRows, k: int, allowed: Mask | None) -> Block:
        count = len(queries.limits)
        positions, scores, found = np.empty((count, k), np.int64), np.empty((count, k), np.float32), np.zeros(count, np.int64)

        def work(start: int, stop: int) -> None:
            part = slice(start, stop)
            self._segments.search(part_of(queries, start, stop), rows, allowed, positions[part], scores[part], found[part])

        threads = min(self.threads, count if k else 0)
        if threads == 1:
            work(0, count)
        elif threads:
            step = -(-count // threads)
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, range(0, count, step), range(step, count + step, step)))
        return found, positions, scores


def _part_of(collection: Collection, name: str | None) -> PartView:
    part = collection.only_part("bm25") if name is None else collection.part(name)
    if part.kind != "bm25":
        raise BadValue("part", part.name, f"a part of kind 'bm25'; this one is of kind {part.kind!r}")
    return part


def _packed(found: NDArray[np.int64], positions: NDArray[np.int64], scores: NDArray[np.float32]) -> Block:
    """The same without the places that are not filled, one query after another."""
    filled = np.arange(positions.shape[1]) < found[:, None]
    return found, positions[filled], scores[filled]


def _joined(blocks: Sequence[Block]) -> Block:
    """One block of several."""
    if len(blocks) == 1:
        return blocks[0]
    found, positions, scores = zip(*blocks, strict=True)
    return np.concatenate(found), np.concatenate(positions), np.concatenate(scores)


def _in_order(rows: Sequence[NDArray[np.int64]], packed: Sequence[Block]) -> Block:
    """One packed block of those of several groups of queries, in the order of the queries: int64 (n,) `rows` of each group."""
    order = np.argsort(np.concatenate(rows))
    found, positions, scores = (np.concatenate(arrays) for arrays in zip(*packed, strict=True))
    ends = np.cumsum(found)[order]
    found = found[order]
    places = np.repeat(ends - np.cumsum(found), found) + np.arange(int(found.sum()))
    return found, positions[places], scores[places]


def _unique(positions: NDArray[np.int64], documents: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The distinct positions, rising, and the place of each position among them."""
    if documents > 32 * len(positions):
        unique, places = np.unique(positions, return_inverse=True)
        return np.asarray(unique, np.int64), np.asarray(places, np.int32)
    seen = np.zeros(documents, bool)
    seen[positions] = True
    places = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(seen).astype(np.int64), np.asarray(places[positions], np.int32)
