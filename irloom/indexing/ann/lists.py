"""Inverted lists over vectors or codes of them; the lists stay on disk and are mapped."""

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import Progress, map_array, replacing, write_header
from irloom.indexing.ann.faiss_files import SummedFile, checked, summed_file
from irloom.indexing.ann.family import INDEX
from irloom.indexing.ann.library import faiss
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.rows import BLOCK, Rows
from irloom.indexing.ann.training import read_trained

STEP = 1 << 16
"""Vectors whose lists are found together, and kept for a build that goes on."""

Encode = Callable[[NDArray[np.float32], NDArray[np.int64]], NDArray[np.uint8]]
"""Makes uint8 (n, bytes) codes of float32 (n, dim) vectors and int64 (n,) their lists."""


def build_lists(recipe: Recipe, rows: Rows, folder: Path, *, trained: Path, work: Path, key: str, progress: Progress) -> None:
    """Writes the lists of a segment's vectors; a build that was killed goes on from its last step.

    Args:
        recipe: of the part.
        rows: of the segment.
        folder: where its file goes.
        trained: what segments share.
        work: where steps are kept.
        key: names them.
        progress: called as it goes.
    """
    library = faiss()
    index = read_trained(recipe, trained)
    rotation, inner = parts_of(index)
    if isinstance(inner, library.IndexIVFFastScan):
        for first, block in rows.blocks(size=STEP):
            index.add(block)
            progress("lists", first + len(block), len(rows))
        with summed_file(folder / INDEX) as file:
            file.write_with(lambda writer: library.write_InvertedLists(inner.invlists, writer))
        return

    def assign(block: NDArray[np.float32]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = inner.quantizer.assign(turned(rotation, block), 1)[:, 0]
        return found

    def encode(block: NDArray[np.float32], owners: NDArray[np.int64]) -> NDArray[np.uint8]:
        return encoded(inner, turned(rotation, block), owners)

    owners = owners_of(rows, assign, work=work, key=key, progress=progress)
    with summed_file(folder / INDEX) as file:
        write_lists(file, owners, recipe.lists, inner.code_size, rows, encode, progress)


def parts_of(index: Any) -> tuple[Any, Any]:
    """The rotation of an index, or None, and what is inside."""
    library = faiss()
    if isinstance(index, library.IndexPreTransform):
        return library.downcast_VectorTransform(index.chain.at(0)), library.downcast_index(index.index)
    return None, index


def turned(rotation: Any, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors as the inner index takes them."""
    if rotation is None:
        return vectors
    found: NDArray[np.float32] = rotation.apply(vectors)
    return found


def encoded(inner: Any, vectors: NDArray[np.float32], owners: NDArray[np.int64]) -> NDArray[np.uint8]:
    """uint8 (n, bytes): the codes of vectors in their lists."""
    pointer = faiss().swig_ptr
    codes = np.zeros((len(vectors), inner.code_size), np.uint8)
    inner.encode_vectors(len(vectors), pointer(vectors), pointer(np.ascontiguousarray(owners)), pointer(codes), False)
    return codes


def owners_of(
    rows: Rows, assign: Callable[[NDArray[np.float32]], NDArray[np.int64]], *, work: Path, key: str, progress: Progress
) -> NDArray[np.int32]:
    """int32 (n,): the list of each vector."""
    owners = np.empty(len(rows), np.int32)
    for first in range(0, len(rows), STEP):
        after = min(first + STEP, len(rows))
        path = work / f"{key}.{first}.npy"
        kept = _kept(path, after - first)
        if kept is None:
            kept = assign(rows.stretch(first, after)).astype(np.int32)
            with replacing(path) as file:
                write_header(file, kept.shape, kept.dtype)
                file.write_array(kept)
        owners[first:after] = kept
        progress("lists", after, len(rows))
    return owners


def _kept(path: Path, count: int) -> NDArray[np.int32] | None:
    if not path.exists():
        return None
    try:
        found: NDArray[np.int32] = map_array(path, dtype=np.int32)
    except Corrupt:
        return None
    return found if found.shape == (count,) else None


def write_lists(
    file: SummedFile, owners: NDArray[np.int32], lists: int, code_size: int, rows: Rows, encode: Encode, progress: Progress
) -> None:
    """Writes inverted lists as FAISS's ArrayInvertedLists are written, without holding them.

    The number of lists and bytes a code, each list's size, then of each list the codes and the int64 places of its vectors.
    """
    sizes = np.bincount(owners, minlength=lists).astype(np.uint64)
    file.write(b"ilar" + struct.pack("<QQ", lists, code_size) + b"full" + struct.pack("<Q", lists) + sizes.tobytes())
    file.end_head()
    order = np.argsort(owners, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(sizes.astype(np.int64))])
    for start, end in _groups(bounds):
        for low in range(int(bounds[start]), int(bounds[end]), BLOCK):
            high = min(low + BLOCK, int(bounds[end]))
            places = order[low:high]
            codes = encode(rows.take(places), owners[places].astype(np.int64))
            if end - start == 1:  # one long list, whose codes all come before its places
                file.write(codes.tobytes())
            else:
                for one in range(start, end):
                    inside = slice(int(bounds[one]) - low, int(bounds[one + 1]) - low)
                    file.write(codes[inside].tobytes())
                    file.write(places[inside].astype(np.int64).tobytes())
            progress("codes", high, len(rows))
        if end - start == 1:
            for low in range(int(bounds[start]), int(bounds[end]), STEP):
                file.write(order[low : min(low + STEP, int(bounds[end]))].astype(np.int64).tobytes())


def _groups(bounds: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Neighbouring lists that hold BLOCK vectors at most together, or one that holds more."""
    start, count = 0, len(bounds) - 1
    while start < count:
        end = int(np.searchsorted(bounds, bounds[start] + BLOCK, side="right")) - 1
        end = min(max(end, start + 1), count)
        yield start, end
        start = end


class Prepared(NamedTuple):
    """Queries as lists are asked: float32 (q, dim) or their bits, int64 (q, lists) the nearest lists, and (q, lists) how near they are."""

    queries: NDArray[Any]
    lists: NDArray[np.int64]
    near: NDArray[Any]


class Lists:
    """A Family of inverted lists; the nearest lists of a query are found once for all segments.

    Args:
        recipe: of the part.
        trained: what segments share.
        folders: of the segments.
        documents: of each segment.

    Raises:
        Corrupt: a file is missing or damaged.
    """

    selects = True

    def __init__(self, recipe: Recipe, trained: Path, folders: Sequence[Path], documents: Sequence[int]) -> None:
        self._shared = read_trained(recipe, trained)
        self._rotation, inner = parts_of(self._shared)
        self._quantizer = inner.quantizer
        self._indexes = [attached(inner, folder / INDEX, count) for folder, count in zip(folders, documents, strict=True)]
        self.most = (recipe.lists,) * len(folders)

    def prepare(self, queries: NDArray[np.float32], effort: int) -> Prepared:
        queries = turned(self._rotation, queries)
        near, lists = self._quantizer.search(queries, effort)
        return Prepared(queries, lists, near)

    def find(self, segment: int, prepared: Any, width: int, effort: int, selector: Any) -> NDArray[np.int64]:
        pointer = faiss().swig_ptr
        queries = prepared.queries
        lists, near = np.ascontiguousarray(prepared.lists[:, :effort]), np.ascontiguousarray(prepared.near[:, :effort])
        scores, found = np.empty((len(queries), width), np.float32), np.empty((len(queries), width), np.int64)
        parameters = faiss().SearchParametersIVF(nprobe=lists.shape[1], sel=selector)
        self._indexes[segment].search_preassigned_c(
            len(queries), pointer(queries), width, pointer(lists), pointer(near), pointer(scores), pointer(found), False, parameters
        )
        return found


def attached(inner: Any, path: Path, documents: int) -> Any:
    """A copy of a trained index with the lists of a file.

    Raises:
        Corrupt: the file is missing, damaged, or does not fit.
    """
    library = faiss()
    binary = isinstance(inner, library.IndexBinary)
    index = library.clone_binary_index(inner) if binary else library.clone_index(inner)

    def read() -> Any:
        reader = library.FileIOReader(str(path))
        return library.read_InvertedLists(reader, library.IO_FLAG_MMAP)

    lists = checked(path, read)
    if lists.nlist != index.nlist or lists.code_size != index.invlists.code_size or lists.compute_ntotal() != documents:
        raise Corrupt(path, f"{lists.nlist} lists of {lists.compute_ntotal()} vectors, expected {index.nlist} of {documents}")
    if isinstance(lists, library.OnDiskInvertedLists):
        lists.prefetch_nthread = 0  # else each search starts threads to read ahead
    index.replace_invlists(lists, False)
    index.ntotal = documents
    index.referenced_objects = [lists]
    return index
