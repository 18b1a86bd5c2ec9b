"""DensePart: builds the vectors of a collection's documents, and takes up again where it was stopped.

Documents are encoded in chunks. What a chunk gives is a shard: files under `work` named by a hash of the encoder and of the
chunk's documents, put there in one step. A build that was killed finds them and encodes only what is missing; at the end
the shards are strung together into `vectors.npy`, `norms.npy` and, where token vectors are kept, `token_vectors.npy` and
`token_offsets.npy`. The matrix is never held whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch, TokenBatch
from irloom.core.contracts import Encoder
from irloom.core.errors import BadValue, Corrupt, ModelError, ShapeMismatch
from irloom.core.files import Progress, map_array, open_for_write, replacing, short_hash, write_array, write_header
from irloom.core.types import Document, Json
from irloom.indexing.flat import NORMS, VECTORS, lengths_of
from irloom.indexing.parts import DocumentSource
from irloom.indexing.token_store import TOKEN_OFFSETS, TOKEN_VECTORS, HasTokens

KIND = "dense"
CHUNK = 256
"""Documents in a shard: what a stopped build loses at most."""
DTYPES = ("float32", "float16")


@runtime_checkable
class BothEncoder(HasTokens, Protocol):
    """An encoder that gives one vector a document and its token vectors from the same pass."""

    def encode_both(self, documents: Sequence[Document]) -> tuple[DenseBatch, TokenBatch]: ...


class DensePart:
    """A PartBuilder: one vector a document and, if wanted, the token vectors of the same pass.

    Args:
        encoder: makes the vectors.
        tokens: whether token vectors are kept, as float16; the encoder must have `encode_both` and `tokens`.
        dtype: how vectors are stored, "float32" or "float16".

    Raises:
        BadValue: another dtype, or an encoder without token vectors where they are wanted.
    """

    kind = KIND

    def __init__(self, encoder: Encoder[DenseBatch], *, tokens: bool = False, dtype: str = "float32") -> None:
        if dtype not in DTYPES:
            raise BadValue("dtype", dtype, f"one of {', '.join(DTYPES)}")
        if tokens and not isinstance(encoder, BothEncoder):
            raise BadValue("tokens", tokens, f"False: {type(encoder).__name__} gives no token vectors")
        self.encoder, self.tokens, self.dtype = encoder, tokens, dtype

    @property
    def space(self) -> str:
        """The encoder's."""
        return self.encoder.space

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self.encoder.fingerprint

    @property
    def parameters(self) -> Mapping[str, Json]:
        """`model` (the encoder's name for it, or None), `dtype`, and `tokens`: False, or the space of the token vectors."""
        model = getattr(self.encoder, "model", None)
        space = cast(HasTokens, self.encoder).tokens.space if self.tokens else False
        return {"model": model if isinstance(model, str) else None, "dtype": self.dtype, "tokens": space}

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        """Encodes what has no shard yet, then strings the shards together.

        Raises:
            ShapeMismatch: the encoder gives another number of rows than documents, or rows of differing width.
            ModelError: a vector is not finite.
        """
        shards: list[_Shard] = []
        done = 0
        for chunk in _chunks(documents):
            shard = _Shard(work / self._key(chunk), tokens=self.tokens)
            if not shard.is_whole(len(chunk)):
                self._encode(chunk, shard)
            shards.append(shard)
            done += len(chunk)
            progress("vectors", done, len(documents))
        _join(folder / VECTORS, [shard.vectors for shard in shards], self.dtype)
        write_array(folder / NORMS, lengths_of(map_array(folder / VECTORS)))
        if self.tokens:
            _join(folder / TOKEN_VECTORS, [shard.tokens for shard in shards], "float16")
            counts = np.concatenate([np.array(map_array(shard.counts)) for shard in shards])
            write_array(folder / TOKEN_OFFSETS, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    def _key(self, chunk: Sequence[Document]) -> str:
        pieces = [self.encoder.space, self.encoder.fingerprint, str(self.tokens), self.dtype]
        for document in chunk:
            pieces += [document.id, document.title, document.text, *(str(image) for image in document.images), ""]
        return short_hash(*pieces, size=20)

    def _encode(self, chunk: Sequence[Document], shard: "_Shard") -> None:
        """Encodes a chunk and writes its shard; the vectors come last, so that they vouch for the rest."""
        if self.tokens:
            vectors, token_batch = cast(BothEncoder, self.encoder).encode_both(chunk)
            if len(token_batch) != len(chunk) or token_batch.vectors.ndim != 2:
                raise ShapeMismatch(
                    "the token vectors", expected=f"{len(chunk)} rows", found=(len(token_batch), *token_batch.vectors.shape)
                )
            _save(
                shard.tokens,
                _checked(token_batch.vectors, "float16", chunk, np.repeat(np.arange(len(chunk)), np.diff(token_batch.offsets))),
            )
            _save(shard.counts, np.diff(token_batch.offsets).astype(np.int64))
        else:
            vectors = self.encoder.encode_documents(chunk)
        if vectors.ndim != 2 or len(vectors) != len(chunk):
            raise ShapeMismatch("the encoder's vectors", expected=f"({len(chunk)}, dim)", found=vectors.shape)
        _save(shard.vectors, _checked(vectors, self.dtype, chunk, np.arange(len(chunk))))


class _Shard:
    """The files of one chunk: `vectors`, and where token vectors are kept `tokens` and `counts`."""

    def __init__(self, stem: Path, *, tokens: bool) -> None:
        self.vectors, self.tokens, self.counts = (stem.with_name(f"{stem.name}.{kind}.npy") for kind in ("vectors", "tokens", "counts"))
        self._both = tokens

    def is_whole(self, documents: int) -> bool:
        """Whether an earlier build finished it."""
        try:
            rows = len(map_array(self.vectors))
            if self._both:
                counts = map_array(self.counts, dtype=np.int64)
                return rows == len(counts) == documents and int(counts.sum()) == len(map_array(self.tokens))
        except Corrupt:
            return False
        return rows == documents


def _join(path: Path, shards: Sequence[Path], dtype: str) -> None:
    """Writes a `.npy` file of the rows of all shards, shard by shard."""
    shapes = [map_array(shard, dtype=dtype).shape for shard in shards]
    widths = sorted({width for _, width in shapes})
    if len(widths) != 1:
        raise ShapeMismatch("the encoder's vectors", expected="one width for all documents", found=tuple(widths))
    with open_for_write(path) as file:
        write_header(file, (sum(rows for rows, _ in shapes), widths[0]), dtype)
        for shard in shards:
            file.write_array(map_array(shard))


def _chunks(documents: DocumentSource) -> Iterator[list[Document]]:
    iterator = iter(documents)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _checked(vectors: NDArray[Any], dtype: str, chunk: Sequence[Document], owners: NDArray[np.int64]) -> NDArray[Any]:
    """The vectors in the type that is stored; `owners` names the document of each row.

    Raises:
        ModelError: a number is not finite, or too great for the type.
    """
    with np.errstate(over="ignore"):
        stored = np.ascontiguousarray(vectors, np.dtype(dtype))
    bad = np.flatnonzero(~np.isfinite(stored).all(axis=1))
    if len(bad):
        raise ModelError(f"the vector of document {chunk[int(owners[bad[0]])].id!r} is not finite in {dtype}")
    return stored


def _save(path: Path, array: NDArray[Any]) -> None:
    with replacing(path) as file:
        write_header(file, array.shape, array.dtype)
        file.write_array(array)
