"""`irloom clicks`: a log in, judgments out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """a at rank 1 is clicked in 8 of 20, at rank 2 in 4 of 20 impressions: an attraction of 0.4, the grade 2; b was shown once."""
    lines = [f"q\ta\t1\t{int(number < 8)}" for number in range(20)] + [f"q\ta\t2\t{int(number < 4)}" for number in range(20)]
    path = tmp_path / "log.tsv"
    path.write_text("\n".join(["query\tdocument\trank\tclicked", *lines, "q\tb\t2\t0"]) + "\n")
    return path


def test_judgments(irloom: Callable[..., Done], log: Path, tmp_path: Path) -> None:
    output = tmp_path / "clicks.qrels"
    done = irloom("clicks", log, "--output", output)
    assert done.code == 0, done.err
    assert output.read_text() == "q 0 a 2\n"
    assert "41 impressions, 12 clicks; 1 pairs were shown too seldom." in done.out
    assert "1 of grade 2" in done.out


def test_json_and_options(irloom: Callable[..., Done], log: Path, tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("1\t1\n2\t0.25\n")
    arguments = ["--propensities", tmp_path / "p.tsv", "--threshold", 0.5, "--threshold", 0.7, "--min-impressions", 1, "--json"]
    done = irloom("clicks", log, "--output", tmp_path / "c.qrels", *arguments)
    content = json.loads(done.out)
    assert content["propensities"] == {"1": 1.0, "2": 0.25}
    assert (content["estimated"], content["judgments"], content["grades"]) == (False, 2, {"0": 1, "1": 1})  # (8 + 16) / 40 is 0.6


def test_nothing_is_written_on_bad_input(irloom: Callable[..., Done], log: Path, tmp_path: Path) -> None:
    output = tmp_path / "clicks.qrels"
    output.write_text("q 0 old 1\n")
    for arguments, said in [(["--min-impressions", 100], "100 times"), (["--threshold", 0.5, "--threshold", 0.2], "thresholds")]:
        done = irloom("clicks", log, "--output", output, *arguments)
        assert done.code == 2
        assert said in done.err
    log.write_text("q\ta\t1\n")
    assert "log.tsv line 1: 3 columns" in irloom("clicks", log, "--output", output).err
    assert output.read_text() == "q 0 old 1\n"
