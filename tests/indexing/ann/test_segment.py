"""Building: a build that is stopped goes on, the files are those of one that was not, and a full disk is told as such."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from irloom.core import files
from irloom.core.errors import ShapeMismatch
from irloom.indexing.ann import graph, lists, rows
from irloom.indexing.ann.segment import outgrown, write_segment
from irloom.indexing.ann.wish import AnnWish
from irloom.indexing.dense_files import write_vectors
from tests.indexing.ann.parts import vectors_of

KINDS = ("hnsw", "hnsw-sq8", "ivf", "ivf-sq8", "binary-ivf", "ivf-pq-fs")


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (graph, lists):
        monkeypatch.setattr(module, "STEP", 100)
    monkeypatch.setattr(rows, "BLOCK", 64)
    monkeypatch.setattr(lists, "BLOCK", 64)


class Stopped(Exception):
    """What stops a build."""


def build(root: Path, kind: str, *, stop: tuple[str, int] | None = None) -> Path:
    """Builds over what `work` has; removes what a writer would remove after a kill."""
    folder, trained, work = root / "segment", root / "trained", root / "work"
    for place in (folder, trained):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
    work.mkdir(exist_ok=True)
    vectors = vectors_of(500, 24, 1)
    write_vectors(folder, [vectors], shape=vectors.shape, dtype="float32")

    def progress(label: str, done: int, total: int) -> None:
        if stop is not None and label == stop[0] and done >= stop[1]:
            raise Stopped

    write_segment(folder, wish=AnnWish(kind), trained=trained, work=work, progress=progress)
    return folder


def content(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for place in ("segment", "trained") for path in (root / place).iterdir()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_stopped_build_goes_on(tmp_path: Path, kind: str) -> None:
    build(tmp_path / "whole", kind)
    label = "links" if kind.startswith("hnsw") else "lists"
    with pytest.raises(Stopped):
        build(tmp_path / "stopped", kind, stop=(label, 300))
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "stopped" / "work").rglob("*")}
    assert kept
    build(tmp_path / "stopped", kind)
    assert content(tmp_path / "stopped") == content(tmp_path / "whole")
    assert {path: path.stat().st_mtime_ns for path in kept} == kept  # nothing of it was made again


def test_steps_that_are_damaged_are_made_again(tmp_path: Path) -> None:
    for kind in ("hnsw", "ivf"):
        build(tmp_path / kind / "whole", kind)
        with pytest.raises(Stopped):
            build(tmp_path / kind, kind, stop=("links" if kind == "hnsw" else "lists", 400))
        for path in (tmp_path / kind / "work").glob("ann-*"):
            path.write_bytes(path.read_bytes()[:-1])
        build(tmp_path / kind, kind)
        assert content(tmp_path / kind) == content(tmp_path / kind / "whole")


@pytest.mark.parametrize("kind", ["hnsw", "ivf", "ivf-sq8", "binary-hnsw"])
def test_a_full_disk_is_told(tmp_path: Path, kind: str) -> None:
    """An OSError with its number, not FAISS's word for it, at any write; the build after it is whole."""
    build(tmp_path / "whole", kind)
    number, failed, error = 1, True, OSError()
    while failed:
        calls = [0]

        def point(action: str, path: Path, calls: list[int] = calls, number: int = number) -> None:
            calls[0] += 1
            if calls[0] == number:
                raise OSError(28, "No space left on device", str(path))

        files.fail_points.append(point)
        try:
            build(tmp_path / "full", kind)
            failed = False
        except OSError as found:
            error = found
        finally:
            files.fail_points.remove(point)
        if failed:
            assert error.errno == 28
            number += 9
            build(tmp_path / "full", kind)
            assert content(tmp_path / "full") == content(tmp_path / "whole")
    assert number > 20


def test_segments_of_another_width_are_refused(tmp_path: Path) -> None:
    build(tmp_path, "ivf")
    other = tmp_path / "other"
    other.mkdir()
    write_vectors(other, [np.ones((400, 23), np.float32)], shape=(400, 23), dtype="float32")
    with pytest.raises(ShapeMismatch, match="24"):
        write_segment(other, wish=AnnWish("ivf"), trained=tmp_path / "trained", work=tmp_path / "work", progress=files.no_progress)
    assert (outgrown(tmp_path / "trained", 1999), outgrown(tmp_path / "trained", 2000)) == (False, True)


def test_long_lists_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single list of more vectors than are read together is the same file as one that is written at once."""
    build(tmp_path / "pieces", "sq8")
    monkeypatch.setattr(lists, "BLOCK", 1 << 14)
    build(tmp_path / "once", "sq8")
    assert content(tmp_path / "pieces") == content(tmp_path / "once")
