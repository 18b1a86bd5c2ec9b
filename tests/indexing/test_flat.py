"""FlatIndex against a sort of all scores, bit for bit, whatever the batch, the segments and the threads."""

import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Hits, Mask
from irloom.core.errors import BadValue, Corrupt, ModelError, ShapeMismatch
from irloom.core.files import write_array
from irloom.indexing import flat
from irloom.indexing.flat import FlatIndex, slack_of
from irloom.indexing.parts import PartSegment, PartView
from irloom.indexing.ranking import joined_ranks
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.vectors import Vectors, lengths_of
from tests.fakes import id_table


def lanes(rows: NDArray[np.float32], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """The order of the kernel, written out: eight float64 sums of every eighth product, then a tree over them."""
    products = rows.astype(np.float64) * query.astype(np.float64)
    whole = products.shape[1] // 8 * 8
    sums = np.zeros((len(rows), 8))
    for i in range(0, whole, 8):
        sums += products[:, i : i + 8]
    for i in range(whole, products.shape[1]):
        sums[:, 0] += products[:, i]
    a, b, c, d, e, f, g, h = sums.T
    return np.asarray(((a + b) + (c + d)) + ((e + f) + (g + h)), np.float32)


def brute(vectors: DenseBatch, ids: list[str], queries: DenseBatch, k: int, allowed: Mask | None = None) -> Hits:
    positions, scores = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32)
    for i, query in enumerate(queries.astype(np.float32)):
        values = lanes(vectors.astype(np.float32), query)
        places = [j for j in range(len(ids)) if allowed is None or allowed[j]]
        best = sorted(sorted(places, key=lambda j: ids[j], reverse=True), key=lambda j: -values[j])[:k]
        positions[i, : len(best)], scores[i, : len(best)] = best, values[best]
    return Hits(positions, scores)


def same(left: Hits, right: Hits) -> bool:
    return np.array_equal(left.positions, right.positions) and left.scores.tobytes() == right.scores.tobytes()


def flat_index(
    folder: Path, vectors: DenseBatch, ids: Sequence[str], *, cuts: Sequence[int] = (), live: Mask | None = None, threads: int = 1
) -> FlatIndex:
    """An index of vectors in memory, cut into segments before the documents `cuts`."""
    ranges = list(pairwise([0, *cuts, len(ids)]))
    tables = [id_table(folder / str(low), ids[low:high]) for low, high in ranges]
    lives = [None if live is None else live[low:high] for low, high in ranges]
    table = SnapshotIds(tables, lives=lives, rank=joined_ranks(tables))
    return FlatIndex(Vectors([vectors[low:high] for low, high in ranges]), table, threads=threads)


def make(tmp_path: Path, n: int, dim: int, *, seed: int = 0, dtype: type = np.float32, threads: int = 1) -> FlatIndex:
    rng = np.random.default_rng(seed)
    vectors: DenseBatch = rng.standard_normal((n, dim)).astype(dtype)
    if n > 20:
        vectors[10:20] = vectors[5]  # equal documents: ids settle the order
    return flat_index(tmp_path / f"{n}-{dim}-{seed}", vectors, [f"d{i}" for i in range(n)], threads=threads)


def rows_of(index: FlatIndex) -> DenseBatch:
    return index.vectors(np.arange(len(index)))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("count", [1, 8, 9, 37, 64])
def test_equals_a_full_sort(tmp_path: Path, dtype: type, count: int) -> None:
    index = make(tmp_path, 500, 37, dtype=dtype)
    queries = np.random.default_rng(1).standard_normal((count, 37)).astype(np.float32)
    queries[0] = rows_of(index)[5]
    ids = index.ids(np.arange(500))
    for k in (1, 7, 500, 600):
        assert same(index.search(queries, k=k), brute(rows_of(index), ids, queries, k))


@settings(max_examples=40)
@given(st.data())
def test_small_whole_numbers_tie_often(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    n, dim, count, k = (data.draw(st.integers(1, high)) for high in (12, 9, 6, 14))
    numbers = st.integers(-2, 2)
    vectors = np.array(data.draw(st.lists(numbers, min_size=n * dim, max_size=n * dim)), np.float32).reshape(n, dim)
    queries = np.array(data.draw(st.lists(numbers, min_size=count * dim, max_size=count * dim)), np.float32).reshape(count, dim)
    allowed, live = (np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), np.bool_) for _ in range(2))
    cuts = sorted(data.draw(st.sets(st.integers(1, n - 1), max_size=3))) if n > 1 else []
    ids = [f"d{i}" for i in range(n)]
    index = flat_index(tmp_path_factory.mktemp("ids"), vectors, ids, cuts=cuts, live=live)
    assert same(index.search(queries, k=k), brute(vectors, ids, queries, k, live))
    assert same(index.search(queries, k=k, allowed=allowed & live), brute(vectors, ids, queries, k, allowed & live))
    assert same(flat_index(tmp_path_factory.mktemp("ids"), vectors, ids).search(queries, k=k), brute(vectors, ids, queries, k))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_batches_blocks_and_threads_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    index = make(tmp_path, 3000, 96, dtype=dtype)
    queries = np.random.default_rng(2).standard_normal((300, 96)).astype(np.float32)
    whole = index.search(queries, k=50)
    assert same(whole, brute(rows_of(index), index.ids(np.arange(3000)), queries, 50))
    for size in (1, 2, 11, 64):
        parts = [index.search(queries[start : start + size], k=50) for start in range(0, 40, size)]
        found = Hits(np.concatenate([part.positions for part in parts])[:40], np.concatenate([part.scores for part in parts])[:40])
        assert same(found, Hits(whole.positions[:40], whole.scores[:40]))
    monkeypatch.setattr(flat, "LEAST_SHARE", 100)
    monkeypatch.setattr(flat, "QUERIES", 77)
    index.threads = 5
    assert same(index.search(queries, k=50), whole)
    assert same(index.search(queries[:1], k=50), Hits(whole.positions[:1], whole.scores[:1]))


def test_near_ties_below_float32_are_settled_by_the_kernel(tmp_path: Path) -> None:
    """Documents that differ in the last bits: the order of float32 sums would shuffle them."""
    rng = np.random.default_rng(3)
    base = rng.standard_normal(256).astype(np.float32)
    vectors = np.tile(base, (2000, 1))
    vectors[:, 7] = np.nextafter(base[7], np.float32(9), dtype=np.float32) * rng.integers(1, 3, 2000)
    vectors += rng.integers(-1, 2, vectors.shape).astype(np.float32) * np.float32(1e-7)
    ids = [f"d{i}" for i in range(2000)]
    index = flat_index(tmp_path, vectors, ids)
    queries = np.stack([base, -base, vectors[3], vectors[4], base * 3])
    assert same(index.search(queries, k=100), brute(vectors, ids, queries, 100))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("count", [1, 6])
def test_segments_deleted_and_filtered_change_no_bit(tmp_path: Path, dtype: type, count: int) -> None:
    whole = make(tmp_path, 1500, 48, dtype=dtype)
    vectors, ids = rows_of(whole), whole.ids(np.arange(1500))
    rng = np.random.default_rng(6)
    live = rng.random(1500) < 0.8
    queries = rng.standard_normal((count, 48)).astype(np.float32)
    cuts = [1, 2, 300, 555, 556, 1200, 1499]
    cut = flat_index(tmp_path / "cut", vectors, ids, cuts=cuts, live=live, threads=3)
    assert same(cut.search(queries, k=40), brute(vectors, ids, queries, 40, live))
    for share in (0.5, 0.1, 0.01, 0.001):
        allowed = live & (rng.random(1500) < share)
        assert same(cut.search(queries, k=40, allowed=allowed), brute(vectors, ids, queries, 40, allowed))
    some = rng.integers(0, 1500, 200)
    assert np.array_equal(cut.vectors(some), vectors[some])
    assert cut.ids(some) == [ids[position] for position in some]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_more_equal_documents_than_there_is_room_for(tmp_path: Path, dtype: type) -> None:
    """Ids alone settle which of thousands are the best, within a segment and over several."""
    values = np.random.default_rng(9).integers(0, 2, (3000, 1)).astype(dtype)
    vectors: DenseBatch = np.tile(values, (1, 9))
    ids = [f"d{number}" for number in np.random.default_rng(10).permutation(3000).tolist()]
    queries = np.stack([np.ones(9), -np.ones(9), np.zeros(9)]).astype(np.float32)
    for cuts in ([], [1000, 1700]):
        index = flat_index(tmp_path / str(len(cuts)), vectors, ids, cuts=cuts, threads=2)
        for k in (1, 5, 1600):
            assert same(index.search(queries, k=k), brute(vectors, ids, queries, k))


def test_the_slack_covers_the_difference_to_blas() -> None:
    rng = np.random.default_rng(4)
    for dim in (1, 8, 384, 1024):
        vectors, queries = rng.standard_normal((500, dim)).astype(np.float32), rng.standard_normal((20, dim)).astype(np.float32)
        final = np.stack([lanes(vectors, query) for query in queries]).astype(np.float64)
        reach = np.linalg.norm(queries.astype(np.float64), axis=1) * float(lengths_of(vectors).max())
        assert (np.abs((queries @ vectors.T).astype(np.float64) - final).max(axis=1) <= slack_of(reach, dim)).all()


def test_lengths_are_upper_bounds() -> None:
    vectors = np.random.default_rng(5).standard_normal((100, 33)).astype(np.float32)
    exact = np.linalg.norm(vectors.astype(np.float64), axis=1)
    assert (lengths_of(vectors) >= exact).all()
    assert np.allclose(lengths_of(vectors), exact, rtol=1e-6)


def test_blas_threads_change_no_bit(tmp_path: Path) -> None:
    """The same search in processes with one and with two BLAS threads."""
    code = """
import hashlib, sys
from pathlib import Path
import numpy as np
from irloom.indexing.flat import FlatIndex
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.indexing.vectors import Vectors
from tests.fakes import id_table
rng = np.random.default_rng(0)
vectors, queries = (rng.standard_normal((n, 384)).astype(np.float32) for n in (2000, 50))
table = SnapshotIds([id_table(Path(sys.argv[1]), [str(i) for i in range(2000)])])
hits = FlatIndex(Vectors([vectors]), table).search(queries, k=100)
print(hashlib.sha256(hits.positions.tobytes() + hits.scores.tobytes()).hexdigest())
"""
    root = Path(__file__).parents[2]
    outputs = set()
    for threads in ("1", "2"):
        env = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": str(root)}
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path / threads)], env=env, capture_output=True, text=True, check=True)
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_edges(tmp_path: Path) -> None:
    index = make(tmp_path, 5, 4)
    queries = np.ones((2, 4), np.float32)
    assert index.search(queries, k=0).positions.shape == (2, 0)
    assert index.search(queries[:0], k=3).positions.shape == (0, 3)
    nothing = index.search(queries, k=3, allowed=np.zeros(5, np.bool_))
    assert (nothing.positions == -1).all()
    assert np.isneginf(nothing.scores).all()
    assert index.vectors(np.array([3, 1])).shape == (2, 4)
    assert (len(index), index.dim) == (5, 4)
    zero = index.search(np.zeros((1, 4), np.float32), k=5)
    assert index.ids(zero.positions[0]) == ["d4", "d3", "d2", "d1", "d0"]
    assert index.search(np.ones((5, 4), np.float16), k=1).positions.shape == (5, 1)


def test_bad_input(tmp_path: Path) -> None:
    index = make(tmp_path, 5, 4)
    queries = np.ones((2, 4), np.float32)
    with pytest.raises(BadValue, match="k is -1"):
        index.search(queries, k=-1)
    with pytest.raises(ShapeMismatch, match=r"\(2, 3\); expected \(n, 4\)"):
        index.search(queries[:, :3], k=1)
    with pytest.raises(ShapeMismatch):
        index.search(queries[0], k=1)
    with pytest.raises(ShapeMismatch, match="allowed"):
        index.search(queries, k=1, allowed=np.ones(4, np.bool_))
    queries[1, 2] = np.nan
    with pytest.raises(ModelError, match="query vector 1 "):
        index.search(queries, k=1)
    with pytest.raises(ModelError, match="too long"):
        index.search(np.full((1, 4), 3e38, np.float32), k=1)
    with pytest.raises(ModelError, match="not finite"):
        Vectors([np.full((5, 4), np.inf, np.float32)])
    with pytest.raises(ShapeMismatch, match=r"\(5, dim\)"):
        FlatIndex(Vectors([np.ones((6, 4), np.float32)]), index.table)
    for others in ([np.ones((4, 4), np.float32), np.ones((4, 3), np.float32)], [np.ones(3, np.float32)], []):
        with pytest.raises(ShapeMismatch, match="one width"):
            Vectors(others)
    with pytest.raises(BadValue):
        FlatIndex(index.rows, index.table, threads=0)


def test_opens_what_lies_on_disk(tmp_path: Path) -> None:
    index = make(tmp_path, 40, 8)
    vectors = rows_of(index)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    parts = PartSegment(tmp_path / "a", 0, 30, None), PartSegment(tmp_path / "b", 30, 10, None)
    part = PartView("p", "dense", "s", "f", {}, parts, index.table)
    write_array(tmp_path / "a" / "vectors.npy", vectors[:30])
    write_array(tmp_path / "b" / "vectors.npy", vectors[30:])
    with pytest.raises(Corrupt, match=r"norms\.npy"):
        FlatIndex.open(part)
    write_array(tmp_path / "a" / "norms.npy", lengths_of(vectors[:30]))
    write_array(tmp_path / "b" / "norms.npy", lengths_of(vectors[30:]))
    queries = np.ones((2, 8), np.float32)
    assert same(FlatIndex.open(part).search(queries, k=9), index.search(queries, k=9))
    later = FlatIndex.open(part, segments=parts[1:])
    assert len(later) == 40
    assert same(later.search(queries, k=9), index.search(queries, k=9, allowed=np.arange(40) >= 30))
    odd = np.arange(40) % 2 == 1
    assert same(later.search(queries, k=9, allowed=odd), index.search(queries, k=9, allowed=odd & (np.arange(40) >= 30)))
    assert np.array_equal(later.vectors(np.array([33, 30])), vectors[[33, 30]])
    write_array(tmp_path / "b" / "norms.npy", np.ones(3, np.float32))
    with pytest.raises(Corrupt, match="shape"):
        FlatIndex.open(part)
    for strange in (vectors[30:, :7], vectors[30:].astype(np.float16)):
        write_array(tmp_path / "b" / "vectors.npy", strange)
        with pytest.raises(Corrupt, match="the first segment has float32 vectors 8 wide"):
            FlatIndex.open(part)
    write_array(tmp_path / "b" / "vectors.npy", vectors[30:39])
    with pytest.raises(Corrupt, match="one row a document"):
        FlatIndex.open(part)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_scores_of_candidates(tmp_path: Path, dtype: type) -> None:
    whole = make(tmp_path, 90, 19, dtype=dtype)
    vectors = rows_of(whole)
    cut = flat_index(tmp_path / "cut", vectors, whole.ids(np.arange(90)), cuts=[20, 21, 70])
    queries = np.random.default_rng(7).standard_normal((4, 19)).astype(np.float32)
    positions = np.random.default_rng(8).integers(-1, 90, (4, 33))
    found = cut.rows.scores(queries, positions)
    expected = np.stack([lanes(vectors.astype(np.float32), query)[row] for query, row in zip(queries, positions, strict=True)])
    assert np.array_equal(found, np.where(positions < 0, np.float32(-np.inf), expected))
