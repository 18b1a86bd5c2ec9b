"""Training: what the segments of an approximate index share, learnt from a sample of the first segment."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.errors import Corrupt
from irloom.core.files import map_array, write_array
from irloom.indexing.ann.faiss_files import read_index, write_index
from irloom.indexing.ann.library import faiss
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.rows import Rows

TRAINED, THRESHOLDS = "trained.faiss", "thresholds.npy"
PER_LIST = 40
"""Vectors of the sample for each inverted list."""
SAMPLE = 20_000
"""Vectors of the sample at least."""
ROUNDS = 10
"""Iterations of k-means."""
SEED = 1729


def train(recipe: Recipe, rows: Rows, trained: Path) -> None:
    """Learns what the kind needs and writes it, and last the recipe, into a folder.

    Args:
        recipe: decided.
        rows: of the first segment.
        trained: the folder, empty.
    """
    sample = rows.take(rows.sample(max(SAMPLE, PER_LIST * recipe.lists), seed=SEED))
    library = faiss()
    if recipe.kind.family == "bits":
        thresholds = np.median(sample, axis=0).astype(np.float32)
        write_array(trained / THRESHOLDS, thresholds)
        if recipe.kind.divided:
            write_index(trained / TRAINED, _lists_of_bits(recipe, signs(sample, thresholds)))
    elif recipe.kind.family == "lists":
        write_index(trained / TRAINED, _lists(recipe, sample))
    elif recipe.kind.code:
        index = library.IndexScalarQuantizer(recipe.dim, library.ScalarQuantizer.QT_8bit, library.METRIC_INNER_PRODUCT)
        index.train(sample)
        write_index(trained / TRAINED, index)
    recipe.write(trained)


def read_trained(recipe: Recipe, trained: Path) -> Any:
    """The empty index that `train` wrote.

    Raises:
        Corrupt: it is missing or damaged.
    """
    return read_index(trained / TRAINED, binary=recipe.kind.family == "bits")


def read_thresholds(recipe: Recipe, trained: Path) -> NDArray[np.float32]:
    """float32 (dim,): the median of each number.

    Raises:
        Corrupt: they are missing or damaged.
    """
    thresholds: NDArray[np.float32] = map_array(trained / THRESHOLDS, dtype=np.float32)
    if thresholds.shape != (recipe.dim,):
        raise Corrupt(trained / THRESHOLDS, f"the shape {thresholds.shape}, expected ({recipe.dim},)")
    return thresholds


def signs(vectors: DenseBatch, thresholds: NDArray[np.float32]) -> NDArray[np.uint8]:
    """uint8 (n, ceil(dim / 8)): a bit for each number, set where it is above its threshold."""
    return np.packbits(np.asarray(vectors, np.float32) > thresholds, axis=1)


def _lists(recipe: Recipe, sample: NDArray[np.float32]) -> Any:
    library = faiss()
    index = library.index_factory(recipe.dim, recipe.factory(), library.METRIC_INNER_PRODUCT)
    rotated = isinstance(index, library.IndexPreTransform)
    inner = library.downcast_index(index.index) if rotated else index
    _calm(inner.cp)
    if hasattr(inner, "pq"):
        _calm(inner.pq.cp)
    if hasattr(inner, "do_polysemous_training"):
        inner.do_polysemous_training = False  # takes most of the time, for a way of searching that is not used here
    if not rotated:
        index.train(sample)
        return index
    rotation = library.downcast_VectorTransform(index.chain.at(0))
    codes = library.ProductQuantizer(recipe.dim, inner.pq.M, 4)
    _calm(codes.cp)
    rotation.pq, rotation.niter, rotation.niter_pq_0, rotation.max_train_points = codes, ROUNDS, ROUNDS, SAMPLE
    index.train(sample)
    rotation.pq = None
    return index


def _lists_of_bits(recipe: Recipe, codes: NDArray[np.uint8]) -> Any:
    library = faiss()
    width = 8 * codes.shape[1]
    quantizer = library.IndexBinaryFlat(width)
    index = library.IndexBinaryIVF(quantizer, width, recipe.lists)
    index.referenced_objects = [quantizer]
    _calm(index.cp)
    index.train(codes)
    return index


def _calm(parameters: Any) -> None:
    """Few rounds of k-means, on the whole sample, without a warning where it is small."""
    parameters.niter, parameters.seed = ROUNDS, SEED
    parameters.min_points_per_centroid, parameters.max_points_per_centroid = 1, 1 << 20
