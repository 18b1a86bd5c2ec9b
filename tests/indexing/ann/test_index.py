"""AnnIndex: what it finds against the exact scan, over segments, deletes, filters and both types of vectors."""

from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from irloom.core.contracts import Hits
from irloom.core.errors import BadValue, Corrupt, FormatMismatch, ModelError, ShapeMismatch
from irloom.indexing.ann.index import AnnIndex, open_index
from irloom.indexing.ann.kinds import KINDS
from irloom.indexing.ann.settings import Setting
from irloom.indexing.ann.wish import AnnWish
from irloom.indexing.flat import FlatIndex
from tests.indexing.ann.parts import make_part, recall, vectors_of

QUERIES = vectors_of(60, 24, 99)


def same(ours: Hits, theirs: Hits) -> bool:
    return np.array_equal(ours.positions, theirs.positions) and np.array_equal(ours.scores, theirs.scores)


@pytest.mark.parametrize("kind", KINDS)
def test_finds_what_was_wished(tmp_path: Path, kind: str) -> None:
    """Two segments with an index, one with deletes, and one that is scanned; scores are the flat index's."""
    live = np.random.default_rng(3).random(700) < 0.7
    part = make_part(
        tmp_path, [vectors_of(900, 24, 1), vectors_of(700, 24, 2), vectors_of(90, 24, 3)], AnnWish(kind), lives=[None, live, None]
    )
    index, flat = open_index(part, threads=1), FlatIndex.open(part, threads=1)
    assert (len(index), index.dim, index.ids(np.array([900]))) == (1690, 24, ["d900"])
    for k in (1, 10, 50):
        found, truth = index.search(QUERIES, k=k), flat.search(QUERIES, k=k)
        assert recall(found, truth) >= 0.94
        matched = found.positions == truth.positions
        assert np.array_equal(found.scores[matched], truth.scores[matched])
        assert not np.isin(found.positions, 900 + np.flatnonzero(~live)).any()
        assert (np.diff(found.scores, axis=1) <= 0).all()
    for share in (0.5, 0.1, 0.01, 0.001):
        allowed = np.random.default_rng(5).random(1690) < share
        found, truth = index.search(QUERIES, k=10, allowed=allowed), flat.search(QUERIES, k=10, allowed=allowed)
        assert allowed[found.positions[found.positions >= 0]].all()
        assert recall(found, truth) >= 0.95
        assert np.array_equal(found.positions >= 0, truth.positions >= 0)


@pytest.mark.parametrize("kind", ["hnsw", "hnsw-sq8", "ivf", "ivf-pq-fs", "binary"])
def test_half_floats(tmp_path: Path, kind: str) -> None:
    part = make_part(tmp_path, [vectors_of(800, 24, 1), vectors_of(400, 24, 2)], AnnWish(kind), dtype="float16")
    index, flat = open_index(part, threads=1), FlatIndex.open(part, threads=1)
    found, truth = index.search(QUERIES, k=10), flat.search(QUERIES, k=10)
    assert recall(found, truth) >= 0.94
    matched = found.positions == truth.positions
    assert np.array_equal(found.scores[matched], truth.scores[matched])


@pytest.mark.parametrize("kind", ["hnsw", "ivf"])
def test_all_is_found_at_the_greatest_effort(tmp_path: Path, kind: str) -> None:
    part = make_part(tmp_path, [vectors_of(500, 24, 1), vectors_of(400, 24, 2)], AnnWish(kind))
    index, flat = AnnIndex(part, threads=1), FlatIndex.open(part, threads=1)
    assert same(index.search(QUERIES, k=10, setting=Setting(4096)), flat.search(QUERIES, k=10))
    assert same(index.search(QUERIES, k=1000), flat.search(QUERIES, k=1000))  # more than there are: those that are short are scanned
    assert same(index.search(QUERIES[:0], k=3), flat.search(QUERIES[:0], k=3))
    assert index.search(QUERIES, k=0).positions.shape == (60, 0)
    nothing = index.search(QUERIES, k=3, allowed=np.zeros(900, np.bool_))
    assert (nothing.positions == -1).all()


@pytest.mark.parametrize("kind", ["hnsw", "ivf-sq8", "binary-ivf", "binary-hnsw"])
def test_a_filter_that_follows_the_vectors(tmp_path: Path, kind: str) -> None:
    """Only documents of one side of the space are allowed, and most queries lie on the other."""
    rows = vectors_of(2000, 24, 1)
    part = make_part(tmp_path, [rows], AnnWish(kind))
    index, flat = AnnIndex(part, threads=1), FlatIndex.open(part, threads=1)
    along = rows @ np.random.default_rng(8).standard_normal(24).astype(np.float32)
    for share in (0.7, 0.5, 0.3, 0.1):
        allowed = along < np.quantile(along, share)
        assert recall(index.search(QUERIES, k=10, allowed=allowed), flat.search(QUERIES, k=10, allowed=allowed)) >= 0.95


def test_effort_is_free(tmp_path: Path) -> None:
    part = make_part(tmp_path, [vectors_of(2000, 24, 1)], AnnWish("ivf"))
    truth = FlatIndex.open(part, threads=1).search(QUERIES, k=10)
    shares = [recall(AnnIndex(part, threads=1, effort=effort).search(QUERIES, k=10), truth) for effort in (0.1, 1, 10)]
    assert shares[0] < shares[1] <= shares[2]
    for effort in (0, -1, float("inf"), float("nan")):
        with pytest.raises(BadValue, match="effort"):
            AnnIndex(part, effort=effort)


def test_small_parts_need_no_faiss(tmp_path: Path) -> None:
    part = make_part(tmp_path, [vectors_of(100, 24, 1)], AnnWish("hnsw"))
    assert part.trained is None
    assert same(open_index(part).search(QUERIES, k=5), FlatIndex.open(part).search(QUERIES, k=5))
    auto = make_part(tmp_path / "auto", [vectors_of(299, 24, 1), vectors_of(500, 24, 2)], AnnWish("auto", memory=10**9))
    assert [(segment.folder / "ann.json").exists() for segment in auto.segments] == [False, True]


def test_bad_input(tmp_path: Path) -> None:
    index = open_index(make_part(tmp_path, [vectors_of(400, 24, 1)], AnnWish("hnsw")))
    with pytest.raises(BadValue, match="k is -1"):
        index.search(QUERIES, k=-1)
    with pytest.raises(ShapeMismatch, match=r"expected \(n, 24\)"):
        index.search(QUERIES[:, :3], k=1)
    with pytest.raises(ShapeMismatch):
        index.search(QUERIES[0], k=1)
    with pytest.raises(ShapeMismatch, match="allowed"):
        index.search(QUERIES, k=1, allowed=np.ones(3, np.bool_))
    with pytest.raises(ModelError, match="not finite"):
        index.search(np.full((2, 24), np.nan, np.float32), k=1)


@pytest.mark.parametrize("kind", ["hnsw", "hnsw-sq8", "ivf", "binary", "binary-hnsw", "binary-ivf"])
def test_damage_is_told(tmp_path: Path, kind: str) -> None:
    """Each file emptied, cut, lengthened, gone, and with its first bytes changed: our errors alone."""
    part = make_part(tmp_path, [vectors_of(400, 24, 1)], AnnWish(kind))
    folder = part.segments[0].folder
    assert part.trained is not None
    files = [path for place in (folder, part.trained) for path in place.iterdir() if path.name != "ann.json" and "norms" not in path.name]
    for path in [*files, folder / "ann.json"]:
        whole = path.read_bytes()
        changes = [
            b"",
            whole[:-1],
            whole + b"\0",
            *(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :] for at in range(0, min(60, len(whole)), 7)),
        ]
        for change in changes:
            path.write_bytes(change)
            try:
                hits = open_index(part, threads=1).search(QUERIES, k=3)
                assert hits.positions.max() < 400
            except (Corrupt, FormatMismatch, ModelError):
                continue
        path.unlink()
        if path.name == "ann.json":
            assert open_index(part).recipe is None  # the segment is scanned
        else:
            with pytest.raises(Corrupt):
                open_index(part).search(QUERIES, k=3)
        path.write_bytes(whole)
    with pytest.raises(Corrupt, match="share"):
        open_index(replace(part, trained=None))


def test_threads_agree(tmp_path: Path) -> None:
    part = make_part(tmp_path, [vectors_of(900, 24, 1), vectors_of(600, 24, 2)], AnnWish("ivf-sq8"))
    index = open_index(part, threads=1)
    expected, found = open_index(part, threads=2).search(QUERIES, k=10), [Hits(QUERIES, QUERIES)] * 8

    def ask(place: int) -> None:
        found[place] = index.search(QUERIES, k=10)

    threads = [Thread(target=ask, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(same(hits, expected) for hits in found)
