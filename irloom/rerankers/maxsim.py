"""MaxSimReranker: late interaction over the token vectors of any encoder."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import TokenBatch
from irloom.core.contracts import Corpus, Encoder
from irloom.core.errors import BadValue, ModelError, ShapeMismatch, SpaceMismatch, UnknownDocument
from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Query
from irloom.indexing.collection import Collection
from irloom.indexing.late import MaxSim
from irloom.indexing.parts import PartView
from irloom.indexing.processors import thread_count
from irloom.indexing.token_store import HasTokens, TokenStore, token_space
from irloom.rerankers.head import Head, rerank_head

CHUNK = 256
"""Documents that are encoded together where no token vectors are stored."""


class MaxSimReranker(Reranker):
    """Sorts the first `depth` documents by MaxSim: for each query token the best document token, summed.

    Token vectors are read from a dense part of the collection that keeps them in the encoder's space; where there is none,
    the documents of the heads are encoded, each once a call. Scores depend on the pair alone, see `MaxSim`.

    Args:
        encoder: an Encoder of token vectors, one of single vectors that has `tokens`, or a model's folder, hub id or short name.
        corpus: a Collection, or whatever gives the documents' texts.
        depth: documents to score of each ranking, 1 or more.
        part: the part whose token vectors are read; None for the first one of the encoder's space, by name.
        threads: threads that score; None for as many as there are processors.

    Raises:
        BadValue: `depth` or `threads` is less than 1, or a part is named and the corpus is no Collection.

    Paper:
        O. Khattab and M. Zaharia, ColBERT: Efficient and Effective Passage Search via Contextualized Late Interaction over BERT,
        SIGIR 2020, section 3.3.
    Differs:
        any encoder's token vectors are used, trained for it or not; no query augmentation unless the encoder does it.
    """

    def __init__(
        self,
        encoder: str | Encoder[TokenBatch] | HasTokens,
        corpus: Corpus,
        *,
        depth: int = 100,
        part: str | None = None,
        threads: int | None = None,
    ) -> None:
        if depth < 1:
            raise BadValue("depth", depth, "1 or more")
        if part is not None and not isinstance(corpus, Collection):
            raise BadValue("part", part, "None, since the corpus is no collection")
        self.corpus, self.depth, self.threads = corpus, depth, thread_count(threads)
        self.part_name = part
        self._asked = encoder
        self._ready: Once[tuple[Encoder[TokenBatch], tuple[PartView, TokenStore] | None]] = Once()

    @property
    def encoder(self) -> Encoder[TokenBatch]:
        """The encoder of token vectors.

        Raises:
            MissingExtra: the extra `models` is not installed and a model was named.
            SpaceMismatch: the part that was named holds token vectors of another space.
        """
        return self._opened()[0]

    @property
    def fingerprint(self) -> str:
        """The encoder's, the depth, and where token vectors come from, hashed."""
        encoder, store = self._opened()
        return short_hash("maxsim", encoder.fingerprint, str(self.depth), store[0].fingerprint if store else "")

    def warm_up(self) -> None:
        """Loads the encoder's weights, and compiles the kernel by scoring once."""
        self.encoder.warm_up()
        batch = TokenBatch(np.array([0, 1], np.int64), np.zeros((1, 1), np.float32))
        MaxSim(batch).scores([np.zeros(1, np.int64)], lambda _: batch.vectors)

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        """The best `k` documents of each ranking after reordering.

        Raises:
            BadValue: `k` is negative or two queries share an id.
            UnknownDocument: the corpus lacks a document of the run.
            ModelError: the encoder gives vectors that are not finite or not one row a text.
        """
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[NDArray[np.float32]]:
        encoder, store = self._opened()
        counts = np.array([len(doc_ids) for _, doc_ids in heads], np.int64)
        asking = np.repeat(np.arange(len(heads)), counts)
        table: dict[str, int] = {}
        documents = np.array([table.setdefault(doc_id, len(table)) for _, doc_ids in heads for doc_id in doc_ids], np.int64)
        positions = _positions(store[0], list(table), self.corpus) if store else None
        batch = _checked(encoder.encode_queries([query for query, _ in heads]), len(heads), "queries")
        scorer = MaxSim(batch, threads=self.threads)
        by_document = np.argsort(documents, kind="stable")
        bounds = np.concatenate([[0], np.cumsum(np.bincount(documents, minlength=len(table)))])
        wanted = [asking[by_document[low:high]] for low, high in pairwise(bounds.tolist())]
        if store is not None and positions is not None:
            rows = store[1]
            found = scorer.scores(wanted, lambda i: rows.row(int(positions[i])))
        else:
            found = self._encode_and_score(scorer, wanted, list(table))
        scores = np.empty(len(documents), np.float32)
        scores[by_document] = np.concatenate(found)
        return np.split(scores, np.cumsum(counts)[:-1])

    def _encode_and_score(self, scorer: MaxSim, wanted: Sequence[NDArray[np.int64]], doc_ids: Sequence[str]) -> list[NDArray[np.float32]]:
        """Encodes the documents chunk by chunk and scores each chunk, so that few token vectors are held."""
        found: list[NDArray[np.float32]] = []
        for start in range(0, len(doc_ids), CHUNK):
            some = doc_ids[start : start + CHUNK]
            batch = _checked(self.encoder.encode_documents(self.corpus.fetch(some)), len(some), "documents")
            rows = [batch.vectors[low:high] for low, high in pairwise(batch.offsets.tolist())]
            found += scorer.scores(wanted[start : start + CHUNK], rows.__getitem__)
        return found

    def _opened(self) -> tuple[Encoder[TokenBatch], tuple[PartView, TokenStore] | None]:
        return self._ready.get(self._open)

    def _open(self) -> tuple[Encoder[TokenBatch], tuple[PartView, TokenStore] | None]:
        encoder = self._make_encoder()
        return encoder, self._find_store(encoder)

    def _make_encoder(self) -> Encoder[TokenBatch]:
        if isinstance(self._asked, str):
            from irloom.models.encoders.dense import DenseEncoder

            return DenseEncoder(self._asked).tokens
        return self._asked.tokens if isinstance(self._asked, HasTokens) else self._asked

    def _find_store(self, encoder: Encoder[TokenBatch]) -> tuple[PartView, TokenStore] | None:
        if not isinstance(self.corpus, Collection):
            return None
        spaces = (encoder.space, *encoder.compatible_with)
        if self.part_name is not None:
            part = self.corpus.part(self.part_name)
            store = TokenStore.open(part)
            if store.space not in spaces:
                raise SpaceMismatch(part.name, asked=encoder.space, found=store.space)
            return part, store
        for name in sorted(self.corpus.parts):
            part = self.corpus.part(name)
            if part.kind == "dense" and token_space(part) in spaces:
                return part, TokenStore.open(part)
        return None


def _positions(part: PartView, doc_ids: Sequence[str], corpus: Corpus) -> NDArray[np.int64]:
    positions = part.ids.positions(doc_ids)
    missing = np.flatnonzero(positions < 0)
    if len(missing):
        raise UnknownDocument(doc_ids[int(missing[0])], where=str(corpus.root) if isinstance(corpus, Collection) else "the corpus")
    return positions


def _checked(batch: TokenBatch, rows: int, what: str) -> TokenBatch:
    if len(batch) != rows:
        raise ShapeMismatch(f"the token vectors of the {what}", expected=f"{rows} rows", found=(len(batch),))
    if not np.isfinite(batch.vectors).all():
        raise ModelError(f"the token vectors of the {what} are not finite")
    return batch
