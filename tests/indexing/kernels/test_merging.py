"""Lists are read back whole, in each of their forms, with every tf."""

from pathlib import Path

import numpy as np
import pytest

from irloom.core.files import no_progress
from irloom.core.types import Document
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.inverted import InvertedIndex
from irloom.indexing.kernels.merging import merge_lists
from irloom.text.analyzer import Analyzer


@pytest.mark.parametrize("alive", [1.0, 0.4])
def test_every_list_in_its_form(tmp_path: Path, alive: float) -> None:
    draw = np.random.default_rng(3)
    counts = draw.poisson(draw.gamma(0.3, 1.0, 60)[None, :] * draw.choice([0.2, 1, 30], (600, 1)), (600, 60))
    counts[:, 0], counts[7, 0], counts[9, 59] = 1, 300, 64
    texts = [" ".join(f"w{term} " * tf for term, tf in enumerate(row)) for row in counts.tolist()]
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    (tmp_path / "part").mkdir()
    BM25Part(Analyzer.unicode()).build(documents, tmp_path / "part", work=tmp_path, trained=tmp_path, progress=no_progress)
    index = InvertedIndex(tmp_path / "part")
    bitmaps, chunked = index.lists.counts[:2].tolist()
    assert bitmaps > 0
    assert chunked > 0
    assert bitmaps + chunked < len(index.terms)
    live = draw.random(600) < alive
    moved = np.where(live, np.cumsum(live) - 1, -1).astype(np.int32)
    own = index.terms.find([f"w{term}" for term in range(60)])
    kept = counts[live][:, own >= 0]
    sizes = (kept > 0).sum(axis=0)
    number = np.full(len(index.terms), -1, np.int32)
    number[own[own >= 0]] = np.arange(kept.shape[1], dtype=np.int32)
    ends = np.cumsum(sizes)
    places = ends - sizes
    docs, tfs = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.int32)
    merge_lists(index.lists, moved, number, 0, places, docs, tfs)
    assert places.tolist() == ends.tolist()
    for column, end in enumerate(ends.tolist()):
        part = slice(end - int(sizes[column]), end)
        assert docs[part].tolist() == np.flatnonzero(kept[:, column]).tolist()
        assert tfs[part].tolist() == kept[kept[:, column] > 0, column].tolist()
