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


def test_a_method_with_its_settings(irloom, runs, tmp_path) -> None:
    """Of min-max scores y has .5 and 1, x has 1, so y is first; w has the least of the second run."""
    done = irloom("fuse", *runs, "--method", "combmnz", "--normalise", "minmax", "--missing", "min", "--output", tmp_path / "fused.trec")
    assert done.code == 0, done.err
    assert read_run(tmp_path / "fused.trec")["q1"].doc_ids == ["y", "x", "z", "w"]
    assert irloom("fuse", *runs, "--method", "borda", "--missing", "min", "--output", tmp_path / "fused.trec").code == 2


def test_tuned_weights(irloom, runs, tmp_path) -> None:
    """The judgments want x, which the first run alone has first."""
    qrels = tmp_path / "dev.qrels"
    qrels.write_text("q1 0 x 1\nq2 0 w 1\n")
    done = irloom("fuse", *runs, "--method", "weighted", "--tune", qrels, "-m", "RR", "--folds", 2, "--output", tmp_path / "fused.trec")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].startswith("weights 0.70 0.30: RR 1.0000 on the judgments that chose them, ")
    assert "2-fold cross-validation (seed 0)" in done.out
    assert read_run(tmp_path / "fused.trec")["q1"].doc_ids[0] == "x"
    for wrong in (["--method", "rrf"], ["--method", "weighted", "-w", 1, "-w", 1]):
        assert irloom("fuse", *runs, *wrong, "--tune", qrels, "--output", tmp_path / "other.trec").code == 2
        assert not (tmp_path / "other.trec").exists()
    done = irloom("fuse", *runs, "--method", "weighted", "--tune", qrels, "-m", "RR", "--folds", 99, "--output", tmp_path / "fused.trec")
    assert done.out.splitlines()[0].endswith("on the judgments that chose them; too few queries for 99-fold cross-validation")
