"""Arrays that a kernel takes by their addresses are the arrays."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import no_progress
from irloom.core.types import Document
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.kernels.addresses import address_rows, lists_at
from irloom.indexing.kernels.jit import kernel
from irloom.indexing.postings import read_lists
from irloom.text.analyzer import Analyzer


@kernel
def sums_of(rows: NDArray[np.int64]) -> tuple[float, ...]:
    lists = lists_at(rows)
    return (
        lists.lengths.sum(),
        lists.runs.sum(),
        lists.counts.sum(),
        lists.bits.sum(),
        lists.ranks.sum(),
        lists.block_tfs.sum(),
        lists.block_lengths.sum(),
        lists.ids.sum(),
        lists.chunk_starts.sum(),
        lists.list_tfs.sum(),
        lists.list_lengths.sum(),
        lists.tfs.sum(),
        lists.words.sum(),
        lists.escaped.sum(),
        lists.escaped_tfs.sum(),
    )


def test_lists_at(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    drawn = np.minimum(generator.zipf(1.3, (900, 40)), 900)
    documents = [Document(str(place), " ".join(f"w{word}" for word in row)) for place, row in enumerate(drawn.tolist())]
    for name in ("part", "work", "trained"):
        (tmp_path / name).mkdir()
    part = BM25Part(Analyzer.unicode())
    part.build(documents, tmp_path / "part", work=tmp_path / "work", trained=tmp_path / "trained", progress=no_progress)
    lists = read_lists(tmp_path / "part")
    assert all(array.size for array in lists)
    assert sums_of(address_rows(lists)) == tuple(int(array.sum(dtype=array.dtype if array.itemsize == 8 else np.int64)) for array in lists)
