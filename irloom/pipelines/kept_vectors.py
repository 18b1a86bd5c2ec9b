"""The vectors of documents whose text stays as it is, taken from the part that has them instead of encoded again."""

from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch, TokenBatch
from irloom.core.contracts import Encoder
from irloom.core.types import Document, Query
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import BothEncoder, DensePart
from irloom.indexing.parts import PartView
from irloom.indexing.token_store import TokenStore
from irloom.indexing.vectors import Vectors


def keeping(builder: DensePart, collection: Collection, name: str, doc_ids: Sequence[str]) -> DensePart:
    """The builder of a part that takes the vectors of some documents from the part as it is, and encodes only the others.

    Args:
        builder: of the part.
        collection: the snapshot that has the part.
        name: of the part.
        doc_ids: documents of the snapshot, whose texts stay.
    """
    kept = copy(builder)
    positions = dict(zip(doc_ids, collection.ids.positions(doc_ids).tolist(), strict=True))
    kept.encoder = KeptVectors(builder.encoder, collection.part(name), positions, tokens=builder.tokens)
    return kept


class KeptVectors:
    """An encoder that looks some documents up and leaves the others to another encoder.

    Args:
        encoder: encodes what is not there.
        part: has vectors of the encoder.
        positions: those of the documents that are looked up, by id.
        tokens: whether token vectors are wanted too.
    """

    def __init__(self, encoder: Encoder[DenseBatch], part: PartView, positions: dict[str, int], *, tokens: bool) -> None:
        self.space, self.fingerprint, self.compatible_with = encoder.space, encoder.fingerprint, encoder.compatible_with
        self.model = getattr(encoder, "model", None)
        self._encoder, self._positions = encoder, positions
        self._vectors = Vectors.open(part)
        self._tokens = TokenStore.open(part) if tokens else None

    @property
    def tokens(self) -> Encoder[TokenBatch]:
        """The encoder's, for token vectors."""
        assert isinstance(self._encoder, BothEncoder), "asked only where token vectors are kept"
        return self._encoder.tokens

    def encode_queries(self, queries: Sequence[Query]) -> DenseBatch:
        """The encoder's vectors of queries, (n, dim)."""
        return self._encoder.encode_queries(queries)

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        """Float32 (n, dim): vectors that are there, and the encoder's of the others."""
        there, others = self._split(documents)
        found = self._vectors.take(self._places(documents, there))
        made = self._encoder.encode_documents([documents[place] for place in others]) if others else None
        return _joined(len(documents), (there, found), (others, made))

    def encode_both(self, documents: Sequence[Document]) -> tuple[DenseBatch, TokenBatch]:
        """The same with token vectors."""
        assert self._tokens is not None, "asked only where token vectors are kept"
        assert isinstance(self._encoder, BothEncoder), "the builder has seen to it"
        there, others = self._split(documents)
        positions = self._places(documents, there)
        rows: dict[int, NDArray[np.float32]] = dict(zip(there, _rows(self._tokens.batch(positions)), strict=True))
        made = None
        if others:
            made, tokens = self._encoder.encode_both([documents[place] for place in others])
            rows.update(zip(others, _rows(tokens), strict=True))
        ordered = [rows[place] for place in range(len(documents))]
        offsets = np.cumsum([0, *map(len, ordered)], dtype=np.int64)
        return _joined(len(documents), (there, self._vectors.take(positions)), (others, made)), TokenBatch(offsets, np.concatenate(ordered))

    def warm_up(self) -> None:
        """Loads the encoder."""
        self._encoder.warm_up()

    def _split(self, documents: Sequence[Document]) -> tuple[list[int], list[int]]:
        there = [place for place, document in enumerate(documents) if document.id in self._positions]
        return there, [place for place, document in enumerate(documents) if document.id not in self._positions]

    def _places(self, documents: Sequence[Document], there: Sequence[int]) -> NDArray[np.int64]:
        return np.array([self._positions[documents[place].id] for place in there], np.int64)


def _rows(batch: TokenBatch) -> list[NDArray[np.float32]]:
    bounds = zip(batch.offsets[:-1].tolist(), batch.offsets[1:].tolist(), strict=True)
    return [np.asarray(batch.vectors[start:end], np.float32) for start, end in bounds]


def _joined(count: int, *pieces: tuple[Sequence[int], DenseBatch | None]) -> DenseBatch:
    """Float32 (count, dim): the rows of each piece at its places."""
    given = [(places, rows) for places, rows in pieces if rows is not None and len(places)]
    joined = np.empty((count, given[0][1].shape[1]), np.float32)
    for places, rows in given:
        joined[list(places)] = rows
    return joined
