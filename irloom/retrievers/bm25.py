"""BM25: the lexical baseline, exact, on a memory-mapped inverted index."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Hits
from irloom.core.errors import BadValue, SpaceMismatch, UnknownName
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Query
from irloom.indexing.collection import Collection
from irloom.indexing.inverted import BM25Part, InvertedIndex
from irloom.indexing.kernels.bm25 import Formula, Places, search_many
from irloom.indexing.kernels.bm25_lists import saturate
from irloom.indexing.parts import PartView
from irloom.retrievers.bm25_variants import DELTAS, VARIANTS
from irloom.text.analyzer import Analyzer

Block: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""int64 (queries,) how many were found; int64 (queries, k) positions and float32 (queries, k) scores, filled so far."""

_CELLS = 1 << 22
"""Results (queries times k) that are held at a time before they are packed."""


class BM25(Retriever):
    """BM25 over an inverted index: the exact best k, ties by document id descending.

    A document's score is the sum over the query's terms that it has; a repeated query term counts as often as it
    stands there. k1, b and the variant are free at query time. The run is the same, bit for bit, for any number of
    threads and any batch.

    Args:
        collection: the collection, or one part of it.
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
        collection: Collection | PartView,
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
        self.part = collection if isinstance(collection, PartView) else _part_of(collection, part)
        self._collection = collection  # kept, so that its files stay
        self.k1, self.b, self.variant, self.threads = k1, b, variant, threads
        self._lock = Lock()
        self.delta = DELTAS.get(variant, 0.0) if delta is None else delta

    @property
    def fingerprint(self) -> str:
        """The documents, their analysis, and every number of the formula."""
        identity = self._collection.fingerprint if isinstance(self._collection, Collection) else _identity(self.part.folder)
        return short_hash("bm25", identity, self.part.space, f"{self.k1} {self.b} {self.variant} {self.delta}")

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
    def index(self) -> InvertedIndex:
        """The opened index."""
        return InvertedIndex(self.part.folder)

    @cached_property
    def _formula(self) -> Formula:
        lists = self.index.lists
        df = lists.runs[:-1, 2].astype(np.float64)
        shape = VARIANTS[self.variant](df, self.index.documents, self.k1, self.delta)
        steep = self.k1 + shape.shift
        line = (steep * (1 - self.b), steep * self.b / self.index.average_length)
        norms = (line[0] + line[1] * lists.lengths).astype(np.float32)
        saturations = np.empty(int(lists.counts[3]), np.float32)  # the system gives it memory where it is written
        documents = np.empty(int(lists.counts[2]), np.uint16)
        return Formula(saturations, documents, norms, line, shape.shift / steep if steep else 0.0, shape.gain, shape.bonus, shape.idf)

    @cached_property
    def _saturated(self) -> NDArray[np.bool_]:
        return np.zeros(int(self.index.lists.counts[:2].sum()), bool)

    def _saturate(self, wanted: NDArray[np.int32]) -> None:
        """Reckons the saturations of the lists that are asked for the first time."""
        terms = wanted[(wanted >= 0) & (wanted < len(self._saturated))]
        if self._saturated[terms].all():
            return
        with self._lock:
            missing = np.unique(terms[~self._saturated[terms]])
            formula = self._formula
            saturate(self.index.lists, missing, formula.norms, np.float32(formula.lift), formula.saturations, formula.documents)
            self._saturated[missing] = True

    @cached_property
    def _places(self) -> Places:
        rank = self.part.ids.rank
        order = np.empty(len(rank), np.int32)
        order[rank] = np.arange(len(rank), dtype=np.int32)
        return Places(rank, order)

    def warm_up(self) -> None:
        """Opens the index and compiles the kernels."""
        self.search([[]], k=1)

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query; a query without known terms gets an empty ranking."""
        check_request(queries, k)
        blocks = [_packed(*block) for block in self._blocks(self.analyzer.token_lists([query.text for query in queries]), k)]
        found, positions, scores = _joined(blocks)
        offsets = np.concatenate([[0], np.cumsum(found)]).astype(np.int64)
        unique, docs = _unique(positions, self.index.documents)
        return Run([query.id for query in queries], offsets, docs, scores, self.part.ids.ids(unique))

    def search(self, token_lists: Sequence[Sequence[str]], *, k: int) -> Hits:
        """The best `k` documents of queries that are analysed already."""
        found, positions, scores = _joined(list(self._blocks(token_lists, k)))
        if positions.shape[1] < k:  # more than there are documents
            beyond = ((0, 0), (0, k - positions.shape[1]))
            positions, scores = np.pad(positions, beyond), np.pad(scores, beyond)
        if (found < k).any():
            empty = np.arange(k) >= found[:, None]
            positions[empty], scores[empty] = -1, -np.inf
        return Hits(positions, scores)

    def _blocks(self, token_lists: Sequence[Sequence[str]], k: int) -> Iterator[Block]:
        """The queries' results, some queries at a time."""
        if k < 0:
            raise BadValue("k", k, "0 or more")
        with self._lock:  # what is loaded at first use is loaded once
            loaded = self.index, self._formula, self._places, self._saturated
        k = min(k, loaded[0].documents)
        starts = np.zeros(len(token_lists) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, token_lists), np.int64, len(token_lists)), out=starts[1:])
        wanted = self.index.terms.find(list(chain.from_iterable(token_lists)))
        self._saturate(wanted)
        rows = max(1, _CELLS // max(1, k))
        for start in range(0, max(1, len(token_lists)), rows):
            yield self._block(wanted, starts[start : start + rows + 1], k)

    def _block(self, wanted: NDArray[np.int32], starts: NDArray[np.int64], k: int) -> Block:
        count = len(starts) - 1
        positions, scores, found = np.empty((count, k), np.int64), np.empty((count, k), np.float32), np.zeros(count, np.int64)

        def work(part: slice) -> None:
            bounds = starts[part.start : part.stop + 1]
            search_many(self.index.lists, self._formula, self._places, wanted, bounds, k, positions[part], scores[part], found[part])

        threads = min(self.threads, count if k else 0)
        if threads == 1:
            work(slice(0, count))
        elif threads:
            step = -(-count // threads)
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, [slice(start, min(start + step, count)) for start in range(0, count, step)]))
        return found, positions, scores


def _identity(folder: Path) -> str:
    """A hash of a folder's place and of its files' names, sizes and times: what can be known of a part without its collection."""
    files = ((path.name, path.stat()) for path in sorted(folder.iterdir()))
    return short_hash(str(folder), *(f"{name} {found.st_size} {found.st_mtime_ns}" for name, found in files))


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


def _unique(positions: NDArray[np.int64], documents: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The distinct positions, rising, and the place of each position among them."""
    if documents > 32 * len(positions):
        unique, places = np.unique(positions, return_inverse=True)
        return np.asarray(unique, np.int64), np.asarray(places, np.int32)
    seen = np.zeros(documents, bool)
    seen[positions] = True
    places = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(seen).astype(np.int64), np.asarray(places[positions], np.int32)
