"""`irloom report DIR`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Done


@pytest.fixture
def ran(animals: Path, tmp_path: Path, irloom: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "experiment.yaml").write_text(f"dataset: {animals}\nsystems: {{bm25: {{bm25: {{}}}}}}\nmeasures: [RR@10]\n")
    done = irloom("run", tmp_path / "experiment.yaml", "--output", tmp_path / "out")
    assert done.code == 0, done.err
    return tmp_path / "out"


def test_it_names_what_it_wrote(ran: Path, animals: Path, irloom: Callable[..., Done]) -> None:
    done = irloom("report", ran, "--dataset", animals)
    assert (done.code, done.err) == (0, "")
    assert done.out.split() == [str(ran / name) for name in ("report.json", "report.html", "per_query.jsonl", "table.md", "table.tex")]


def test_one_format(ran: Path, irloom: Callable[..., Done]) -> None:
    (ran / "report.html").unlink()
    assert irloom("report", ran, "-f", "latex").out.split() == [str(ran / "table.tex")]
    assert not (ran / "report.html").exists()


def test_bad_input(ran: Path, tmp_path: Path, irloom: Callable[..., Done]) -> None:
    for arguments, said in (
        ((ran, "--format", "htm"), "Did you mean 'html'"),
        ((tmp_path / "nothing",), "does not exist; give the folder that `irloom run` wrote"),
        ((ran, "--dataset", tmp_path / "gone"), "gone"),
    ):
        done = irloom("report", *arguments)
        assert done.code == 2
        assert said in done.err
        assert done.out == ""


def test_a_report_of_run_files(run_file: Path, animals: Path, tmp_path: Path, irloom: Callable[..., Done]) -> None:
    """The folder is as an experiment's: it can be written again, and the runs in it evaluate to the same."""
    other = tmp_path / "other.trec"
    other.write_text("q1 Q0 d4 1 1.0 t\n")
    arguments = ("--qrels", animals, "-m", "nDCG@10", "--baseline", "bm25")
    done = irloom("evaluate", run_file, other, *arguments, "--output", tmp_path / "out", "--json")
    assert done.code == 0, done.err
    out = tmp_path / "out"
    assert json.loads(done.out) == json.loads((out / "report.json").read_text())
    page = (out / "report.html").read_bytes()
    assert b"the cat and the dog fight" in page
    assert irloom("report", out, "--dataset", animals).code == 0
    assert (out / "report.html").read_bytes() == page
    again = irloom("evaluate", out / "runs" / "bm25.trec", out / "runs" / "other.trec", *arguments, "--json")
    assert json.loads(again.out)["systems"] == json.loads(done.out)["systems"]


def test_a_report_of_run_files_without_texts(run_file: Path, animals: Path, tmp_path: Path, irloom: Callable[..., Done]) -> None:
    qrels = tmp_path / "judged.qrels"
    qrels.write_text("q1 0 d1 1\nq2 0 d2 1\n")
    assert irloom("evaluate", run_file, "--qrels", qrels, "--output", tmp_path / "out").code == 0
    assert b"the cat" not in (tmp_path / "out" / "report.html").read_bytes()


def test_a_folder_that_cannot_be(run_file: Path, animals: Path, tmp_path: Path, irloom: Callable[..., Done]) -> None:
    (tmp_path / "file").write_text("")
    done = irloom("evaluate", run_file, "--qrels", animals, "--output", tmp_path / "file")
    assert (done.code, done.out) == (2, "")
    assert "it is a file, not a folder" in done.err
