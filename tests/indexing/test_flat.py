"""FlatIndex against a sort of all scores, bit for bit, whatever the batch, the blocks and the threads."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from irloom.core.batches import DenseBatch
from irloom.core.contracts import Bitmaps, Hits
from irloom.core.errors import BadValue, Corrupt, ModelError, ShapeMismatch
from irloom.core.files import write_array
from irloom.indexing import flat
from irloom.indexing.flat import FlatIndex, lengths_of, slack_of
from irloom.indexing.parts import PartView
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


def brute(vectors: DenseBatch, ids: list[str], queries: DenseBatch, k: int, allowed: Bitmaps | None = None) -> Hits:
    positions, scores = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32)
    for i, query in enumerate(queries.astype(np.float32)):
        values = lanes(vectors.astype(np.float32), query)
        places = [j for j in range(len(ids)) if allowed is None or allowed[i, j]]
        best = sorted(sorted(places, key=lambda j: ids[j], reverse=True), key=lambda j: -values[j])[:k]
        positions[i, : len(best)], scores[i, : len(best)] = best, values[best]
    return Hits(positions, scores)


def same(left: Hits, right: Hits) -> bool:
    return np.array_equal(left.positions, right.positions) and left.scores.tobytes() == right.scores.tobytes()


def make(tmp_path: Path, n: int, dim: int, *, seed: int = 0, dtype: type = np.float32, threads: int = 1) -> FlatIndex:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((n, dim)).astype(dtype)
    if n > 20:
        vectors[10:20] = vectors[5]  # equal documents: ids settle the order
    return FlatIndex(vectors, id_table(tmp_path / f"{n}-{dim}-{seed}", [f"d{i}" for i in range(n)]), threads=threads)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("count", [1, 8, 9, 37, 64])
def test_equals_a_full_sort(tmp_path: Path, dtype: type, count: int) -> None:
    index = make(tmp_path, 500, 37, dtype=dtype)
    queries = np.random.default_rng(1).standard_normal((count, 37)).astype(np.float32)
    queries[0] = index.rows[5]
    ids = index.ids(np.arange(500))
    for k in (1, 7, 500, 600):
        assert same(index.search(queries, k=k), brute(index.rows, ids, queries, k))


@settings(max_examples=40)
@given(st.data())
def test_small_whole_numbers_tie_often(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    n, dim, count, k = (data.draw(st.integers(1, high)) for high in (12, 9, 6, 14))
    numbers = st.integers(-2, 2)
    vectors = np.array(data.draw(st.lists(numbers, min_size=n * dim, max_size=n * dim)), np.float32).reshape(n, dim)
    queries = np.array(data.draw(st.lists(numbers, min_size=count * dim, max_size=count * dim)), np.float32).reshape(count, dim)
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=n * count, max_size=n * count)), np.bool_).reshape(count, n)
    ids = [f"d{i}" for i in range(n)]
    index = FlatIndex(vectors, id_table(tmp_path_factory.mktemp("ids"), ids), threads=1)
    assert same(index.search(queries, k=k), brute(vectors, ids, queries, k))
    assert same(index.search(queries, k=k, allowed=allowed), brute(vectors, ids, queries, k, allowed))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_batches_blocks_and_threads_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    index = make(tmp_path, 3000, 96, dtype=dtype)
    queries = np.random.default_rng(2).standard_normal((300, 96)).astype(np.float32)
    whole = index.search(queries, k=50)
    assert same(whole, brute(index.rows, index.ids(np.arange(3000)), queries, 50))
    for size in (1, 2, 11, 64):
        parts = [index.search(queries[start : start + size], k=50) for start in range(0, 40, size)]
        found = Hits(np.concatenate([part.positions for part in parts])[:40], np.concatenate([part.scores for part in parts])[:40])
        assert same(found, Hits(whole.positions[:40], whole.scores[:40]))
    monkeypatch.setattr(flat, "BLOCK_BYTES", 1 << 16)
    monkeypatch.setattr(flat, "CACHED_BYTES", 1 << 15)
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
    index = FlatIndex(vectors, id_table(tmp_path, ids), threads=1)
    queries = np.stack([base, -base, vectors[3], vectors[4], base * 3])
    assert same(index.search(queries, k=100), brute(vectors, ids, queries, 100))


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
from tests.fakes import id_table
rng = np.random.default_rng(0)
vectors, queries = (rng.standard_normal((n, 384)).astype(np.float32) for n in (2000, 50))
hits = FlatIndex(vectors, id_table(Path(sys.argv[1]), [str(i) for i in range(2000)])).search(queries, k=100)
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
    nothing = index.search(queries, k=3, allowed=np.zeros((2, 5), np.bool_))
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
        index.search(queries, k=1, allowed=np.ones((1, 5), np.bool_))
    queries[1, 2] = np.nan
    with pytest.raises(ModelError, match="query vector 1 "):
        index.search(queries, k=1)
    with pytest.raises(ModelError, match="too long"):
        index.search(np.full((1, 4), 3e38, np.float32), k=1)
    with pytest.raises(ModelError, match="not finite"):
        FlatIndex(np.full((5, 4), np.inf, np.float32), index.table)
    with pytest.raises(ShapeMismatch):
        FlatIndex(np.ones((4, 4), np.float32), index.table)
    with pytest.raises(ShapeMismatch):
        FlatIndex(np.ones((5, 4), np.float32), index.table, norms=np.ones(4, np.float32))
    with pytest.raises(BadValue):
        FlatIndex(np.ones((5, 4), np.float32), index.table, threads=0)


def test_opens_what_lies_on_disk(tmp_path: Path) -> None:
    index = make(tmp_path, 40, 8)
    part = PartView("p", "dense", "s", "f", {}, tmp_path, index.table)
    write_array(tmp_path / "vectors.npy", index.rows)
    with pytest.raises(Corrupt, match=r"norms\.npy"):
        FlatIndex.open(part)
    write_array(tmp_path / "norms.npy", lengths_of(index.rows))
    queries = np.ones((2, 8), np.float32)
    assert same(FlatIndex.open(part).search(queries, k=9), index.search(queries, k=9))
    write_array(tmp_path / "norms.npy", np.ones(3, np.float32))
    with pytest.raises(Corrupt, match="shape"):
        FlatIndex.open(part)
    write_array(tmp_path / "vectors.npy", index.rows[:39])
    with pytest.raises(Corrupt, match="one row a document"):
        FlatIndex.open(part)
