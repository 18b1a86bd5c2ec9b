"""Signs of the numbers, compared by the Hamming distance: scanned, in inverted lists, or a graph."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import Progress, map_array, open_for_write, write_header
from irloom.indexing.ann.faiss_files import read_index, summed_file, write_index
from irloom.indexing.ann.family import CODES, INDEX, viewed
from irloom.indexing.ann.graph import BREADTH, MOST, STEP
from irloom.indexing.ann.kinds import LINKS
from irloom.indexing.ann.library import faiss
from irloom.indexing.ann.lists import Prepared, attached, owners_of, write_lists
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.rows import Rows
from irloom.indexing.ann.training import read_thresholds, read_trained, signs


def build_bits(recipe: Recipe, rows: Rows, folder: Path, *, trained: Path, work: Path, key: str, progress: Progress) -> None:
    """Writes the signs of a segment's vectors, in lists or with a graph where the kind has them.

    Args:
        recipe: of the part.
        rows: of the segment.
        folder: where its files go.
        trained: what segments share.
        work: where steps are kept.
        key: names them.
        progress: called as it goes.
    """
    thresholds = read_thresholds(recipe, trained)
    width = (recipe.dim + 7) // 8
    if recipe.kind.divided:
        learnt = read_trained(recipe, trained)

        def assign(block: NDArray[np.float32]) -> NDArray[np.int64]:
            found: NDArray[np.int64] = learnt.quantizer.search(signs(block, thresholds), 1)[1][:, 0]
            return found

        owners = owners_of(rows, assign, work=work, key=key, progress=progress)
        with summed_file(folder / INDEX) as file:
            write_lists(file, owners, recipe.lists, width, rows, lambda block, _: signs(block, thresholds), progress)
        return
    if recipe.kind.code == "HNSW":
        index = faiss().IndexBinaryHNSW(8 * width, LINKS)
        index.hnsw.efConstruction = BREADTH
        for first, block in rows.blocks(size=STEP):
            index.add(signs(block, thresholds))
            progress("links", first + len(block), len(rows))
        write_index(folder / INDEX, index)
        return
    with open_for_write(folder / CODES) as codes:
        write_header(codes, (len(rows), width), np.uint8)
        for first, block in rows.blocks():
            codes.write_array(signs(block, thresholds))
            progress("codes", first + len(block), len(rows))


class Bits:
    """A Family of bits.

    Args:
        recipe: of the part.
        trained: what segments share.
        folders: of the segments.
        documents: of each segment.

    Raises:
        Corrupt: a file is missing or damaged.
    """

    def __init__(self, recipe: Recipe, trained: Path, folders: Sequence[Path], documents: Sequence[int]) -> None:
        self.recipe, self.selects = recipe, not recipe.kind.divided
        self._thresholds = read_thresholds(recipe, trained)
        self._codes: list[NDArray[np.uint8]] = []
        self._indexes: list[Any] = []
        if recipe.kind.divided:
            inner = read_trained(recipe, trained)
            self._inner = inner
            self._indexes = [attached(inner, folder / INDEX, count) for folder, count in zip(folders, documents, strict=True)]
            self.most: tuple[int, ...] = (recipe.lists,) * len(folders)
            return
        for folder, count in zip(folders, documents, strict=True):
            if recipe.kind.code == "HNSW":
                index = read_index(folder / INDEX, binary=True)
            else:
                codes = map_array(folder / CODES, dtype=np.uint8)
                if codes.shape != (count, (recipe.dim + 7) // 8):
                    raise Corrupt(folder / CODES, f"the shape {codes.shape}, expected {(count, (recipe.dim + 7) // 8)}")
                index = faiss().IndexBinaryFlat(8 * codes.shape[1])
                index.xb, index.ntotal = viewed(index.xb, codes), len(codes)
                self._codes.append(codes)
            if index.ntotal != count:
                raise Corrupt(folder / INDEX, f"{index.ntotal} vectors, expected {count}")
            self._indexes.append(index)
        self.most = tuple(min(MOST, count) if recipe.kind.code == "HNSW" else 1 for count in documents)

    def prepare(self, queries: NDArray[np.float32], effort: int) -> Any:
        codes = signs(queries, self._thresholds)
        if not self.recipe.kind.divided:
            return codes
        near, lists = self._inner.quantizer.search(codes, effort)
        return Prepared(codes, lists, near)

    def find(self, segment: int, prepared: Any, width: int, effort: int, selector: Any) -> NDArray[np.int64]:
        library, index = faiss(), self._indexes[segment]
        found: NDArray[np.int64]
        if self.recipe.kind.divided:
            pointer, codes = library.swig_ptr, prepared.queries
            lists, near = np.ascontiguousarray(prepared.lists[:, :effort]), np.ascontiguousarray(prepared.near[:, :effort])
            scores, found = np.empty((len(codes), width), np.int32), np.empty((len(codes), width), np.int64)
            parameters = library.SearchParametersIVF(nprobe=lists.shape[1])
            index.search_preassigned_c(
                len(codes), pointer(codes), width, pointer(lists), pointer(near), pointer(scores), pointer(found), False, parameters
            )
            return found
        if self.recipe.kind.code == "HNSW":
            parameters = library.SearchParametersHNSW(efSearch=max(effort, width), sel=selector)
        else:
            parameters = library.SearchParameters(sel=selector)
        found = index.search(prepared, width, params=parameters)[1]
        return found
