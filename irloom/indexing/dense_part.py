"""DensePart: builds the vectors of a collection's documents, and takes up again where it was stopped.

Documents are encoded in chunks. What a chunk gives is a shard: files under `work` named by a hash of the encoder and of the
chunk's documents, put there in one step. A build that was killed finds them and encodes only what is missing; at the end
the shards are strung together into `vectors.npy`, `norms.npy` and, where token vectors are kept, `token_vectors.npy` and
`token_offsets.npy`. The matrix is never held whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch, TokenBatch
from irloom.core.contracts import Encoder
from irloom.core.errors import BadValue, Corrupt, ModelError, ShapeMismatch
from irloom.core.files import Progress, map_array, replacing, short_hash, write_header
from irloom.core.types import Document, Json
from irloom.indexing.dense_files import live_token_counts, live_tokens, live_vectors, width_of, write_tokens, write_vectors
from irloom.indexing.parts import DocumentSource, PartSegment
from irloom.indexing.token_store import TOKEN_VECTORS, HasTokens
from irloom.indexing.vectors import VECTORS

if TYPE_CHECKING:
    from irloom.indexing.ann.wish import AnnWish

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
        dim: the width that vectors must have, as where the part has segments already; None for any.
        chunk: documents in a shard, which are encoded together; None for CHUNK. More suit vectors that are only read.
        faiss: the approximate index that is made of the vectors beside them; None for none.

    Raises:
        BadValue: another dtype, or an encoder without token vectors where they are wanted.
    """

    kind = KIND

    def __init__(
        self,
        encoder: Encoder[DenseBatch],
        *,
        tokens: bool = False,
        dtype: str = "float32",
        dim: int | None = None,
        chunk: int | None = None,
        faiss: "AnnWish | None" = None,
    ) -> None:
        if dtype not in DTYPES:
            raise BadValue("dtype", dtype, f"one of {', '.join(DTYPES)}")
        if tokens and not isinstance(encoder, BothEncoder):
            raise BadValue("tokens", tokens, f"False: {type(encoder).__name__} gives no token vectors")
        self.encoder, self.tokens, self.dtype, self.dim, self.chunk, self.faiss = encoder, tokens, dtype, dim, chunk, faiss

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
        """`model` (the encoder's name, or None), `dtype`, `tokens` (False, or the space of the token vectors), `faiss` where wanted."""
        model = getattr(self.encoder, "model", None)
        space = cast(HasTokens, self.encoder).tokens.space if self.tokens else False
        found: dict[str, Json] = {"model": model if isinstance(model, str) else None, "dtype": self.dtype, "tokens": space}
        return found if self.faiss is None else {**found, "faiss": self.faiss.json}

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        """Encodes what has no shard yet, then strings the shards together.

        Raises:
            ShapeMismatch: the encoder gives another number of rows than documents, or rows of differing width.
            ModelError: a vector is not finite.
        """
        shards: list[_Shard] = []
        done = 0
        for chunk in _chunks(documents, self.chunk or CHUNK):
            shard = _Shard(work / self._key(chunk), tokens=self.tokens)
            if not shard.is_whole(len(chunk)):
                self._encode(chunk, shard)
            shards.append(shard)
            done += len(chunk)
            progress("vectors", done, len(documents))
        dim = width_of([shard.vectors for shard in shards], dtype=self.dtype)
        self._check_width(dim)
        write_vectors(folder, (map_array(shard.vectors) for shard in shards), shape=(done, dim), dtype=self.dtype)
        if self.tokens:
            counts = np.concatenate([np.array(map_array(shard.counts)) for shard in shards])
            width = width_of([shard.tokens for shard in shards], dtype="float16")
            write_tokens(folder, (map_array(shard.tokens) for shard in shards), counts, dim=width)
        _derive(folder, self.parameters, trained=trained, work=work, progress=progress)

    def _check_width(self, dim: int) -> None:
        if self.dim not in (None, dim):
            raise ShapeMismatch("the encoder's vectors", expected=f"a width of {self.dim}, as the part has them", found=(dim,))

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
        self._check_width(vectors.shape[1])
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


def merge_dense(
    sources: Sequence[PartSegment],
    folder: Path,
    *,
    parameters: Mapping[str, Json],
    trained: Path | None,
    retrained: Path,
    work: Path,
    progress: Progress,
) -> None:
    """A MergePart: copies the vectors of documents that are not deleted, and their token vectors.

    Raises:
        Corrupt: a file is missing, truncated, or of another type than the part's.
        ShapeMismatch: the segments' vectors are of different widths.
    """
    if parameters.get("dtype") not in DTYPES or "tokens" not in parameters:
        raise Corrupt(
            sources[0].folder, f"the manifest says {dict(parameters)} of the part, without a dtype that is known or without tokens"
        )
    counts = [len(source.live_places) for source in sources]
    dtype = str(parameters["dtype"])
    dim = width_of([source.folder / VECTORS for source in sources], dtype=dtype)
    pieces = _told(chain.from_iterable(map(live_vectors, sources)), sum(counts), progress)
    write_vectors(folder, pieces, shape=(sum(counts), dim), dtype=dtype)
    if parameters["tokens"]:
        width = width_of([source.folder / TOKEN_VECTORS for source in sources], dtype="float16")
        tokens = np.concatenate([live_token_counts(source) for source in sources])
        write_tokens(folder, chain.from_iterable(map(live_tokens, sources)), tokens, dim=width)
    if parameters.get("faiss") is not None:
        from irloom.indexing.ann.segment import outgrown

        kept = retrained if trained is None or outgrown(trained, sum(counts)) else trained
        _derive(folder, parameters, trained=kept, work=work, progress=progress)


def _derive(folder: Path, parameters: Mapping[str, Json], *, trained: Path, work: Path, progress: Progress) -> None:
    """Makes the approximate index of the vectors in `folder`, where the part has one."""
    wish = parameters.get("faiss")
    if wish is None:
        return
    from irloom.indexing.ann.segment import write_segment
    from irloom.indexing.ann.wish import AnnWish

    write_segment(folder, wish=AnnWish.from_json(wish), trained=trained, work=work, progress=progress)


def _chunks(documents: DocumentSource, size: int) -> Iterator[list[Document]]:
    iterator = iter(documents)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _told(pieces: Iterator[DenseBatch], total: int, progress: Progress) -> Iterator[DenseBatch]:
    """The pieces as they are; says how many rows went by."""
    done = 0
    for piece in pieces:
        yield piece
        done += len(piece)
        progress("vectors", done, total)


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
