"""`irloom evaluate`: run files against judgments, as a table or as JSON."""

import json

import pytest


@pytest.fixture
def simple(tmp_path):
    """q1 finds its document at rank 2, q2 at rank 1: RR is 0.5 and 1, in the mean 0.75."""
    run, qrels = tmp_path / "simple.trec", tmp_path / "qrels.txt"
    run.write_text("q1 Q0 a 1 2.0 t\nq1 Q0 b 2 1.0 t\nq2 Q0 c 1 1.0 t\n")
    qrels.write_text("q1 0 b 1\nq2 0 c 1\n")
    return run, qrels


def test_json_is_one_object_and_nothing_else(irloom, simple) -> None:
    run, qrels = simple
    done = irloom("evaluate", run, "--qrels", qrels, "-m", "RR@10", "-m", "R@100", "--json")
    report = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert report["systems"]["simple"]["measures"]["RR@10"]["mean"] == pytest.approx(0.75)
    assert report["systems"]["simple"]["measures"]["R@100"]["mean"] == 1.0


def test_table(irloom, simple) -> None:
    run, qrels = simple
    done = irloom("evaluate", run, "--qrels", qrels, "-m", "RR@10")
    assert done.code == 0
    assert "0.750 [" in done.out
    assert "2 queries" in done.out


def test_dataset_and_baseline(irloom, run_file, animals, tmp_path) -> None:
    other = tmp_path / "other.trec"
    other.write_text("q1 Q0 d4 1 1.0 t\n")
    done = irloom("evaluate", run_file, other, "--qrels", animals, "--split", "test", "-m", "nDCG@10", "--baseline", "bm25", "--json")
    report = json.loads(done.out)
    assert list(report["systems"]) == ["bm25", "other"]
    assert report["systems"]["other"]["measures"]["nDCG@10"]["delta"]["mean"] < 0
    assert any("2; each counts 0" in note for note in report["systems"]["other"]["notes"])


def test_same_stem_twice(irloom, simple) -> None:
    run, qrels = simple
    done = irloom("evaluate", run, run, "--qrels", qrels)
    assert done.code == 2
    assert "'simple'" in done.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("q1 Q0 b 1 nan t\n", "NaN"),
        ("q1 Q0 a 3 0.5 t\n", "twice"),
        ("q1 Q0 e 3 high t\n", "'high'"),
        ("q1 Q0 e\n", "3 columns"),
    ],
)
def test_bad_run(irloom, simple, line, said) -> None:
    run, qrels = simple
    run.write_text(run.read_text() + line)
    done = irloom("evaluate", run, "--qrels", qrels)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err
    assert "simple.trec line" in done.err


def test_nothing_shared(irloom, simple) -> None:
    run, qrels = simple
    qrels.write_text("other 0 b 1\n")
    done = irloom("evaluate", run, "--qrels", qrels, "--json")
    assert (done.code, done.out) == (2, "")
    assert "share no query" in done.err or "no query" in done.err


def test_unknown_measure(irloom, simple) -> None:
    run, qrels = simple
    done = irloom("evaluate", run, "--qrels", qrels, "-m", "nDGC@10")
    assert done.code == 2
    assert "nDCG" in done.err


def test_unknown_split(irloom, run_file, animals) -> None:
    done = irloom("evaluate", run_file, "--qrels", animals, "--split", "tset")
    assert done.code == 2
    assert "test" in done.err


def test_a_run_of_other_queries_is_named(irloom, animals, run_file, tmp_path) -> None:
    (tmp_path / "other.trec").write_text("zz Q0 d1 1 2.0 x\n")
    done = irloom("evaluate", run_file, tmp_path / "other.trec", "--qrels", animals)
    assert done.code == 2
    assert f"{tmp_path / 'other.trec'}: the run and the judgments share no query: the run has 'zz'" in done.err
