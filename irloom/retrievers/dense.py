"""Dense: one vector a text, search by inner product, exact or by the part's FAISS index."""

import logging
from collections.abc import Sequence

import numpy as np

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Encoder, Hits, Index
from irloom.core.errors import BadValue, ConfigError, SpaceMismatch, UnknownDocument
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Query
from irloom.indexing.collection import Collection
from irloom.indexing.filtering import filter_groups
from irloom.indexing.flat import FlatIndex
from irloom.indexing.parts import PartView
from irloom.indexing.processors import thread_count

logger = logging.getLogger(__name__)


class Dense(Retriever):
    """Ranks documents by the inner product of query vector and document vector; of equal ones the greater id comes first.

    Where the part has no FAISS index, or with `exact`, every document that may be found is scored: equal query vectors give the same
    ranking bit for bit, whatever else is asked with them, by however many threads, and however the collection came to be.
    With a FAISS index the scores are the same, but some documents may be missed. A query without text gets an empty ranking.

    Args:
        collection: holds a dense part.
        encoder: encodes queries: an Encoder, or a model's folder, hub id or short name; None for the model that the part names.
        part: the part's name; None for the only dense part.
        threads: threads that search; None for as many as there are processors.
        exact: whether every document is scored even where the part has a FAISS index.
        effort: how hard a FAISS index looks, 1 being what the recall that it was made for needs; not read by exact search.

    Raises:
        UnknownName: there is no such part.
        BadValue: there are several dense parts and none was named, the part is not a dense one, `threads` is less than 1, or `effort` is
            not above 0.

    Paper:
        V. Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering, EMNLP 2020, section 3.
    """

    def __init__(
        self,
        collection: Collection,
        encoder: str | Encoder[DenseBatch] | None = None,
        *,
        part: str | None = None,
        threads: int | None = None,
        exact: bool = False,
        effort: float = 1.0,
    ) -> None:
        self.part: PartView = collection.only_part("dense") if part is None else collection.part(part)
        if self.part.kind != "dense":
            raise BadValue("part", part, f"a dense part; {self.part.name!r} is of kind {self.part.kind!r}")
        if not effort > 0:
            raise BadValue("effort", effort, "a number above 0")
        self.collection, self.threads, self.effort = collection, thread_count(threads), effort
        self.exact = exact or self.part.parameters.get("faiss") is None
        self._asked = encoder
        self._encoder: Once[Encoder[DenseBatch]] = Once()
        self._index: Once[Index[DenseBatch]] = Once()

    @property
    def encoder(self) -> Encoder[DenseBatch]:
        """The encoder of queries, checked against the part.

        Raises:
            SpaceMismatch: its vectors cannot be compared with the part's.
            ConfigError: none was given and the part names no model.
            MissingExtra: the extra `models` is not installed and a model was named.
        """
        return self._encoder.get(self._make_encoder)

    @property
    def index(self) -> Index[DenseBatch]:
        """The vectors of the part.

        Raises:
            Corrupt: a file of the part is damaged.
            MissingExtra: it has a FAISS index and the extra `faiss` is not installed.
        """
        return self._index.get(self._open_index)

    @property
    def fingerprint(self) -> str:
        """A hash of documents, part, encoder and way of searching."""
        parts = (self.part.name, self.part.space, self.part.fingerprint, str(self.part.parameters.get("dtype")))
        way = () if self.exact else (str(self.part.parameters["faiss"]), str(self.effort))
        return short_hash("dense", self.collection.fingerprint, *parts, self.encoder.fingerprint, *way)

    @property
    def exact_cuts(self) -> bool:
        """Whether the search is exact."""
        return self.exact

    def warm_up(self) -> None:
        """Opens the index, loads the encoder's weights, and compiles the kernels by searching once."""
        self.encoder.warm_up()
        if self.part.total:
            self.index.search(self.index.vectors(np.zeros(1, np.int64)), k=1)

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query that its filter lets through; the queries are encoded as one batch.

        Raises:
            BadValue: `k` is negative, two queries share an id, or a filter compares a field with a value of another kind.
            UnknownName: a filter names a field that no document has.
            SpaceMismatch: the encoder's vectors cannot be compared with the part's.
        """
        check_request(queries, k)
        asked = [query for query in queries if query.text.strip()]
        if len(asked) < len(queries):
            logger.info("Dense: %d of %d queries have no text and get an empty ranking", len(queries) - len(asked), len(queries))
        if not asked or not k or not len(self.collection):
            return Run.from_rankings({query.id: Ranking.from_order([]) for query in queries})
        run = self.search(asked, self.encoder.encode_queries(asked), k=k)
        if len(asked) == len(queries):
            return run
        return Run.from_rankings({query.id: run.get(query.id, Ranking.from_order([])) for query in queries})

    def search(self, queries: Sequence[Query], vectors: DenseBatch, *, k: int) -> Run:
        """The best `k` documents of query vectors that are given; of each query only its id and its filter are read.

        Args:
            queries: one a row of `vectors`.
            vectors: float32 or float16 (queries, dim), in the part's space.
            k: documents wanted of each.

        Raises:
            BadValue: a filter compares a field with a value of another kind.
            UnknownName: a filter names a field that no document has.
            ShapeMismatch: the width is not the part's.
            ModelError: a vector is not finite.
        """
        hits = self._hits(queries, vectors, k=min(k, len(self.collection)))
        return Run.from_hits([query.id for query in queries], hits, self.index.ids)

    def vectors_of(self, doc_ids: Sequence[str]) -> DenseBatch:
        """The vectors of documents, (n, dim) in the type that is stored.

        Raises:
            UnknownDocument: the part lacks one of them.
        """
        positions = self.part.ids.positions(doc_ids)
        missing = np.flatnonzero(positions < 0)
        if len(missing):
            raise UnknownDocument(doc_ids[int(missing[0])], where=f"part {self.part.name!r}")
        return self.index.vectors(positions)

    def _hits(self, queries: Sequence[Query], vectors: DenseBatch, *, k: int) -> Hits:
        """The hits of query vectors, those of a filter together."""
        groups, index = filter_groups(self.collection, queries), self.index
        hits = Hits(np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32))
        for group in groups:
            found = index.search(vectors[group.rows], k=k, allowed=group.allowed)
            hits.positions[group.rows], hits.scores[group.rows] = found.positions, found.scores
        return hits

    def _open_index(self) -> Index[DenseBatch]:
        if self.exact:
            return FlatIndex.open(self.part, threads=self.threads)
        from irloom.indexing.ann import open_index

        opened: Index[DenseBatch] = open_index(self.part, threads=self.threads, effort=self.effort)
        return opened

    def _make_encoder(self) -> Encoder[DenseBatch]:
        encoder = self._asked
        if encoder is None:
            model = self.part.parameters.get("model")
            if not isinstance(model, str):
                advice = "search it from Python or by a pipeline's YAML, with an encoder, such as vector_file with the queries' vectors"
                raise ConfigError(f"part {self.part.name!r} names no model to encode queries with; {advice}")
            encoder = model
        if isinstance(encoder, str):
            from irloom.models.encoders.dense import DenseEncoder

            encoder = DenseEncoder(encoder)
        check_space(encoder, self.part)
        return encoder


def check_space(encoder: Encoder[DenseBatch], part: PartView) -> None:
    """Refuses an encoder of another space than the part's, and warns of one of another fingerprint.

    Raises:
        SpaceMismatch: the spaces differ and the encoder does not declare itself compatible.
    """
    if part.space != encoder.space and part.space not in encoder.compatible_with:
        raise SpaceMismatch(part.name, asked=encoder.space, found=part.space)
    if part.space == encoder.space and part.fingerprint != encoder.fingerprint:
        logger.warning(
            "part %r was encoded as %s, queries are encoded as %s: scores may differ slightly",
            part.name,
            part.fingerprint,
            encoder.fingerprint,
        )
