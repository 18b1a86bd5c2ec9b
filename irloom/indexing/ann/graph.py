"""Graphs of neighbours (HNSW). The file holds the links alone: distances are to the vectors as they lie on disk, or to mapped codes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import Progress, map_array, open_for_write, write_header
from irloom.indexing.ann.faiss_files import read_index, write_index
from irloom.indexing.ann.family import CODES, INDEX, viewed
from irloom.indexing.ann.kinds import LINKS
from irloom.indexing.ann.library import faiss
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.rows import Rows
from irloom.indexing.ann.training import SEED, read_trained
from irloom.indexing.vectors import VECTORS

BREADTH = 80
"""Candidates among which the links of a new vector are chosen (efConstruction)."""
STEP = 1 << 16
"""Vectors that are linked together, after which a long build writes down how far it is."""
MOST = 4096
"""The greatest effort."""


def build_graph(recipe: Recipe, rows: Rows, folder: Path, *, trained: Path, work: Path, key: str, progress: Progress) -> None:
    """Writes the graph of a segment's vectors; a build that was killed goes on from its last step.

    Vectors are held as half floats, or as the codes, while it is built.

    Args:
        recipe: of the part.
        rows: of the segment.
        folder: where its files go.
        trained: what segments share.
        work: where steps are kept.
        key: names them.
        progress: called as it goes.
    """
    library = faiss()
    storage = _empty_storage(recipe, trained)
    index, done = _begun(recipe, work, key)
    index.storage, index.own_fields = storage, False
    for _, block in rows.blocks(size=STEP) if done else ():
        storage.add(block[: max(0, done - storage.ntotal)])
    for first, block in rows.blocks(start=done, size=STEP):
        index.hnsw.rng = library.RandomGenerator(SEED + first)  # so that a build that goes on makes the same graph
        index.add(block)
        after = first + len(block)
        progress("links", after, len(rows))
        if after < len(rows):
            write_index(work / f"{key}.{after}.faiss", index, flags=library.IO_FLAG_SKIP_STORAGE)
    write_index(folder / INDEX, index, flags=library.IO_FLAG_SKIP_STORAGE)
    if recipe.kind.code:
        with open_for_write(folder / CODES) as file:
            write_header(file, (len(rows), storage.code_size), np.uint8)
            file.write_array(library.rev_swig_ptr(storage.codes.data(), len(rows) * storage.code_size))
    index.storage = None


def _begun(recipe: Recipe, work: Path, key: str) -> tuple[Any, int]:
    """The graph of the last step that an earlier build finished, and how many vectors it links."""
    steps = sorted((int(path.name.split(".")[-2]) for path in work.glob(f"{key}.*.faiss")), reverse=True)
    for done in steps:
        try:
            index = read_index(work / f"{key}.{done}.faiss")
        except Corrupt:
            continue
        if index.ntotal == done:
            return index, done
    index = faiss().IndexHNSWFlat(recipe.dim, LINKS, faiss().METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = BREADTH
    return index, 0


def _empty_storage(recipe: Recipe, trained: Path) -> Any:
    library = faiss()
    if recipe.kind.code:
        return read_trained(recipe, trained)
    return library.IndexScalarQuantizer(recipe.dim, library.ScalarQuantizer.QT_fp16, library.METRIC_INNER_PRODUCT)


class Graph:
    """A Family of graphs over vectors or codes.

    Args:
        recipe: of the part.
        trained: what segments share.
        folders: of the segments.

    Raises:
        Corrupt: a file is missing or damaged.
    """

    selects = True

    def __init__(self, recipe: Recipe, trained: Path, folders: Sequence[Path]) -> None:
        self.recipe = recipe
        self._codes = [map_array(folder / (CODES if recipe.kind.code else VECTORS)) for folder in folders]
        self._storages = [_storage(recipe, trained, codes) for codes in self._codes]
        self._graphs = []
        for folder, storage in zip(folders, self._storages, strict=True):
            graph = read_index(folder / INDEX, flags=faiss().IO_FLAG_MMAP_IFC)
            if graph.ntotal != storage.ntotal or graph.d != recipe.dim:
                raise Corrupt(folder / INDEX, f"links of {graph.ntotal} vectors, expected {storage.ntotal}")
            graph.storage, graph.own_fields = storage, False
            self._graphs.append(graph)
        self.most = tuple(min(MOST, len(codes)) for codes in self._codes)

    def prepare(self, queries: NDArray[np.float32], effort: int) -> NDArray[np.float32]:
        return queries

    def find(self, segment: int, prepared: Any, width: int, effort: int, selector: Any) -> NDArray[np.int64]:
        parameters = faiss().SearchParametersHNSW(efSearch=max(effort, width), sel=selector)
        found: NDArray[np.int64] = self._graphs[segment].search(prepared, width, params=parameters)[1]
        return found


def _storage(recipe: Recipe, trained: Path, codes: NDArray[Any]) -> Any:
    """FAISS's index whose vectors are a view of the mapped file."""
    library = faiss()
    if recipe.kind.code:
        storage = read_trained(recipe, trained)
    elif codes.dtype == np.float16:
        storage = _empty_storage(recipe, trained)
    else:
        storage = library.IndexFlatIP(recipe.dim)
    if codes.ndim != 2 or codes.shape[1] * codes.itemsize != storage.code_size:
        raise Corrupt(trained, f"codes of {codes.shape} do not fit the recipe")
    storage.codes, storage.ntotal = viewed(storage.codes, codes), len(codes)
    return storage
