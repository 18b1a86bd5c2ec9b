"""`irloom agreement`: files of judgments in, coefficients out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "alice.qrels").write_text("q 0 d1 1\nq 0 d2 1\nq 0 d3 0\nq 0 d4 0\nq 0 d5 1\n")
    (tmp_path / "bob.qrels").write_text("q 0 d1 1\nq 0 d2 0\nq 0 d3 0\nq 0 d4 0\nq 0 d5 1\n")
    return [tmp_path / "alice.qrels", tmp_path / "bob.qrels"]


def test_table(irloom: Callable[..., Done], files: list[Path]) -> None:
    """Cohen's kappa is 8/13, Fleiss' 3/5."""
    done = irloom("agreement", *files)
    assert done.code == 0
    assert "80.0%" in done.out
    assert "0.615" in done.out
    assert "Fleiss' kappa 0.600 over the 5 documents" in done.out
    assert "alice 1" in done.out


def test_json(irloom: Callable[..., Done], files: list[Path]) -> None:
    content = json.loads(irloom("agreement", *files, "--min-grade", 1, "--json").out)
    assert content["pairs"][0]["cohen"] == pytest.approx(8 / 13)
    assert content["pairs"][0]["table"] == [[0, 0, 2], [1, 0, 1], [1, 1, 2]]


def test_one_grade_only(irloom: Callable[..., Done], files: list[Path]) -> None:
    for path in files:
        path.write_text("q 0 d1 1\n")
    assert "Fleiss' kappa undefined" in irloom("agreement", *files).out


def test_bad_input(irloom: Callable[..., Done], files: list[Path]) -> None:
    assert irloom("agreement", files[0]).code == 2
    files[1].write_text("q 0 d1\nq 0 d2 1\n")
    done = irloom("agreement", *files)
    assert (done.code, done.out) == (2, "")
    assert "bob.qrels line" in done.err


def test_orders_of_systems(irloom: Callable[..., Done], files: list[Path], tmp_path: Path) -> None:
    for name, first in (("one", "d1"), ("two", "d3")):
        (tmp_path / f"{name}.trec").write_text(f"q Q0 {first} 1 1.0 t\n")
    runs = [part for name in ("one", "two") for part in ("--runs", tmp_path / f"{name}.trec")]
    done = irloom("agreement", *files, *runs, "-m", "P@1")
    assert done.code == 0, done.err
    assert "Kendall's tau-a" in done.out
    assert "Orders of 2 systems, by means over the 1 queries that all judged." in done.out
    assert "grades given" in done.out
    content = json.loads(irloom("agreement", *files, *runs, "--json").out)
    assert content["systems"]["pairs"][0]["kendall_tau_a"] == 1.0
    assert irloom("agreement", *files, *runs[:2]).code == 2
