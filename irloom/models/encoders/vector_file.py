"""VectorFile: vectors that were made elsewhere, looked up by id."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import cast

import numpy as np

from irloom.core.batches import DenseBatch
from irloom.core.errors import BadValue, DataError, ShapeMismatch
from irloom.core.files import sha256_of, short_hash
from irloom.core.types import Document, Query
from irloom.models.encoders.id_lines import IdLines


@dataclass(frozen=True, slots=True)
class _Table:
    """A file of vectors and the ids of its rows.

    Attributes:
        ids: one a row.
        source: the .npy file; it is mapped anew for each batch, so that a pass over it does not fill the memory.
        dim: the width of a vector.
    """

    ids: IdLines
    source: Path
    dim: int


class VectorFile:
    """An encoder that reads vectors from .npy files instead of computing them.

    A file of vectors has one row an id; the ids stand one a line in a text file beside it, in the same order
    (`vectors.npy` and `vectors.ids`, unless told otherwise). Files are memory-mapped; no object is kept for an id.
    """

    def __init__(
        self,
        documents: str | os.PathLike[str] | None = None,
        *,
        queries: str | os.PathLike[str] | None = None,
        document_ids: str | os.PathLike[str] | None = None,
        query_ids: str | os.PathLike[str] | None = None,
        dim: int | None = None,
        space: str | None = None,
    ) -> None:
        """Stores the paths; files are opened at first use or by `warm_up()`.

        Args:
            documents: .npy of float32 or float16 (n, dim), one row a document.
            queries: the same for queries.
            document_ids: text file with the documents' ids; the .npy with the suffix .ids when left out.
            query_ids: the same for queries.
            dim: the width that the vectors must have; that of the file when left out.
            space: name of the space that the vectors lie in; a hash of the documents' file when left out. Name it where
                a collection is to be searched with query vectors from a file that stands alone.

        Raises:
            BadValue: neither file is given, or `dim` is below 1.
        """
        if documents is None and queries is None:
            raise BadValue("documents", documents, "the path of a .npy file, for documents or queries or both")
        if dim is not None and dim < 1:
            raise BadValue("dim", dim, "1 or more")
        self.documents, self.document_ids = _paths(documents, document_ids)
        self.queries, self.query_ids = _paths(queries, query_ids)
        self._dim, self._space = dim, space
        self._tables: dict[str, _Table] = {}
        self._lock = Lock()

    @property
    def space(self) -> str:
        """The name given, else a hash of the documents' vectors (of the queries', where there are no documents')."""
        if self._space is None:
            path = self.documents or self.queries
            if path is None or not path.is_file():
                raise DataError(f"{path}: no such file of vectors")
            self._space = f"file:{short_hash(sha256_of(path))}"
        return self._space

    @property
    def compatible_with(self) -> tuple[str, ...]:
        """Other spaces whose vectors may be compared with these: none."""
        return ()

    @property
    def fingerprint(self) -> str:
        """The space with a hash of the queries' file: other queries' vectors give another run."""
        return f"{self.space}:{short_hash(sha256_of(self.queries)) if self.queries is not None else ''}"

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self._table("document" if self.documents is not None else "query").dim

    def warm_up(self) -> None:
        """Opens and checks the files.

        Raises:
            DataError: a file is missing, the ids do not fit the rows, or vectors hold no finite numbers.
            DuplicateDocument: an id occurs twice.
            ShapeMismatch: a file is not two-dimensional or not `dim` wide.
        """
        for kind, path in (("document", self.documents), ("query", self.queries)):
            if path is not None:
                self._table(kind)

    def encode_queries(self, queries: Sequence[Query]) -> DenseBatch:
        """The vectors of queries by their ids, float32 or float16 (n, dim).

        Raises:
            DataError: an id has no vector.
        """
        return self._lookup("query", [query.id for query in queries])

    def encode_documents(self, documents: Sequence[Document]) -> DenseBatch:
        """The vectors of documents by their ids, float32 or float16 (n, dim).

        Raises:
            DataError: an id has no vector.
        """
        return self._lookup("document", [document.id for document in documents])

    def _lookup(self, kind: str, ids: Sequence[str]) -> DenseBatch:
        table = self._table(kind)
        rows = table.ids.rows(ids)
        unknown = np.flatnonzero(rows < 0)
        if len(unknown):
            missing = f"{kind} {ids[int(unknown[0])]!r} ({len(unknown)} of {len(ids)} asked for are missing)"
            raise DataError(f"{table.source} has no vector for {missing}")
        vectors = _mapped(table.source)[rows]
        if not np.isfinite(vectors).all():
            bad = int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])
            raise DataError(f"{table.source}: the vector of {kind} {ids[bad]!r} holds NaN or infinity")
        return vectors

    def _table(self, kind: str) -> _Table:
        with self._lock:
            if kind not in self._tables:
                path, ids = (self.documents, self.document_ids) if kind == "document" else (self.queries, self.query_ids)
                if path is None or ids is None:
                    raise DataError(f"VectorFile was given no file of {kind} vectors")
                self._tables[kind] = _open(path, ids, self._dim)
            return self._tables[kind]


def _paths(vectors: str | os.PathLike[str] | None, ids: str | os.PathLike[str] | None) -> tuple[Path | None, Path | None]:
    if vectors is None:
        return None, None
    path = Path(vectors).expanduser()
    beside = path.with_suffix(".ids") if path.name else path
    return path, beside if ids is None else Path(ids).expanduser()


def _mapped(path: Path) -> DenseBatch:
    """The vectors of a file that numpy saved.

    Raises:
        DataError: they are no array of float32 or float16 whose rows follow each other.
    """
    needed = "vectors are saved by np.save(file, np.ascontiguousarray(vectors, np.float32)), one row a text"
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{path}: no array that numpy can map ({error}); {needed}") from None
    if not isinstance(found, np.ndarray) or found.dtype not in (np.float32, np.float16):
        raise DataError(f"{path} holds {getattr(found, 'dtype', 'several arrays')}; vectors are float32 or float16: {needed}")
    if not found.flags.c_contiguous:
        raise DataError(f"{path}: its columns follow each other instead of its rows (Fortran order); {needed}")
    return cast(DenseBatch, np.asarray(found))


def _open(path: Path, ids: Path, dim: int | None) -> _Table:
    for file in (path, ids):
        if file.is_dir():
            raise DataError(f"{file} is a folder; name a .npy file of vectors, and beside it a text file with their ids, one a line")
        if not file.is_file():
            raise DataError(f"{file}: no such file" + ("; it names the rows of " + str(path) + ", one id a line" if file is ids else ""))
    vectors = _mapped(path)
    if vectors.ndim != 2 or (dim is not None and vectors.shape[1] != dim):
        raise ShapeMismatch(str(path), expected=f"(n, {dim})" if dim is not None else "(n, dim)", found=vectors.shape)
    names = IdLines(ids)
    if len(names) != len(vectors):
        raise DataError(f"{ids} has {len(names)} ids and {path} has {len(vectors)} vectors; there must be one id a row")
    return _Table(names, path, int(vectors.shape[1]))
