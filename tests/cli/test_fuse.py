"""`irloom fuse`: several run files into one."""

import pytest

from irloom.data.trec import read_run


@pytest.fixture
def runs(tmp_path):
    first, second = tmp_path / "a.trec", tmp_path / "b.trec"
    first.write_text("q1 Q0 x 1 9.0 a\nq1 Q0 y 2 8.0 a\nq1 Q0 z 3 7.0 a\n")
    second.write_text("q1 Q0 y 1 0.5 b\nq1 Q0 w 2 0.4 b\nq2 Q0 w 1 0.1 b\n")
    return first, second


def test_rrf(irloom, runs, tmp_path) -> None:
    """y: 1/62 + 1/61, x: 1/61, w: 1/62, z: 1/63."""
    done = irloom("fuse", *runs, "--method", "rrf", "--output", tmp_path / "fused.trec")
    assert done.code == 0, done.err
    fused = read_run(tmp_path / "fused.trec")
    assert fused["q1"].doc_ids == ["y", "x", "w", "z"]
    assert fused["q1"].scores.tolist() == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62, 1 / 63])
    assert fused["q2"].doc_ids == ["w"]


def test_weighted(irloom, runs, tmp_path) -> None:
    """Weights of (1, 0) keep the first run's order."""
    done = irloom("fuse", *runs, "--method", "weighted", "-w", 1, "-w", 0, "--output", tmp_path / "fused.trec")
    assert done.code == 0, done.err
    assert read_run(tmp_path / "fused.trec")["q1"].doc_ids[0] == "x"


def test_unknown_method(irloom, runs, tmp_path) -> None:
    done = irloom("fuse", *runs, "--method", "rff", "--output", tmp_path / "fused.trec")
    assert done.code == 2
    assert "Did you mean 'rrf'?" in done.err
    assert not (tmp_path / "fused.trec").exists()


def test_weights_for_each_run(irloom, runs, tmp_path) -> None:
    assert irloom("fuse", *runs, "--method", "weighted", "-w", 1, "--output", tmp_path / "fused.trec").code == 2
    assert irloom("fuse", *runs, "--method", "rrf", "-w", 1, "-w", 1, "--output", tmp_path / "fused.trec").code == 2
