"""`irloom report DIR`."""

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
