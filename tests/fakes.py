"""Fakes that implement the contracts: no weights, no network, the same numbers each time."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch, TokenBatch
from irloom.core.files import write_bytes
from irloom.core.types import Document, Query
from irloom.indexing.id_table import IdTable, write_ids
from irloom.indexing.strings import pack


def words(text: str) -> list[str]:
    """What stands between blanks, in lower case."""
    return text.lower().split()


def word_vector(word: str, dim: int) -> NDArray[np.float32]:
    """A unit vector that depends on the word alone."""
    seed = int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    vector = np.random.default_rng(seed).standard_normal(dim)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


class FakeEncoder:
    """The mean of hashed word vectors, of length 1; a text without words has the vector of the empty word. Counts its documents."""

    compatible_with: tuple[str, ...] = ()

    def __init__(self, dim: int = 24, *, name: str = "fake", length: int = 1000) -> None:
        self.dim, self.length, self.model = dim, length, name
        self.space, self.fingerprint = f"{name}:{dim}", f"{name}:{dim}:{length}"
        self.encoded = 0

    def tokens_of(self, text: str) -> NDArray[np.float32]:
        return np.stack([word_vector(word, self.dim) for word in (words(text)[: self.length] or [""])])

    def encode_texts(self, texts: Sequence[str]) -> DenseBatch:
        means = np.array([self.tokens_of(text).mean(axis=0) for text in texts], np.float32).reshape(len(texts), self.dim)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def encode_queries(self, queries: Sequence[Query]) -> DenseBatch:
        return self.encode_texts([query.text for query in queries])

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        self.encoded += len(documents)
        return self.encode_texts([document.full_text for document in documents])

    def encode_both(self, documents: Sequence[Document]) -> tuple[DenseBatch, TokenBatch]:
        return self.encode_documents(documents), FakeTokens(self).batch([document.full_text for document in documents])

    def warm_up(self) -> None:
        pass

    @property
    def tokens(self) -> "FakeTokens":
        return FakeTokens(self)


class FakeTokens:
    """The word vectors of a FakeEncoder, one a token, float16."""

    compatible_with: tuple[str, ...] = ()

    def __init__(self, encoder: FakeEncoder) -> None:
        self.encoder = encoder
        self.space, self.fingerprint = f"tokens of {encoder.space}", f"tokens of {encoder.fingerprint}"
        self.encoded = 0

    def batch(self, texts: Sequence[str]) -> TokenBatch:
        rows = [self.encoder.tokens_of(text) for text in texts]
        offsets = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
        vectors = np.concatenate(rows) if rows else np.empty((0, self.encoder.dim), np.float32)
        return TokenBatch(offsets, vectors.astype(np.float16))

    def encode_queries(self, queries: Sequence[Query]) -> TokenBatch:
        return self.batch([query.text for query in queries])

    def encode_documents(self, documents: Sequence[Document]) -> TokenBatch:
        self.encoded += len(documents)
        return self.batch([document.full_text for document in documents])

    def warm_up(self) -> None:
        pass


class OverlapScorer:
    """The share of a document's words that the query has. Keeps the sizes of the groups it was given."""

    fingerprint = "overlap"

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]:
        self.sizes += [len(documents) for _, documents in groups]
        return [np.array([self._share(query, document) for document in documents], np.float32) for query, documents in groups]

    def warm_up(self) -> None:
        pass

    def _share(self, query: Query, document: Document) -> float:
        own = words(document.full_text)
        return sum(word in set(words(query.text)) for word in own) / max(1, len(own))


class ListCorpus:
    """Documents by id, from a list. Keeps the ids it was asked for."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.by_id = {document.id: document for document in documents}
        self.asked: list[str] = []

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        self.asked += doc_ids
        return [self.by_id[doc_id] for doc_id in doc_ids]


def id_table(folder: Path, ids: Sequence[str]) -> IdTable:
    """An IdTable on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    data, offsets = pack(ids)
    write_bytes(folder / "ids.bytes", data.tobytes())
    write_ids(folder, offsets)
    return IdTable(folder)
