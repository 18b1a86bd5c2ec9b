"""`irloom replay` and `irloom diff` as a user meets them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done


@pytest.fixture
def own(animals: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(animals, tmp_path / "data"))


@pytest.fixture
def ran(irloom: Callable[..., Done], own: Path, tmp_path: Path) -> Path:
    (tmp_path / "e.yaml").write_text(f"dataset: {own}\nsystems:\n  bm25: {{bm25: {{k1: 0.9}}}}\nmeasures: [nDCG@10]\n")
    done = irloom("run", tmp_path / "e.yaml", "--output", tmp_path / "out")
    assert done.code == 0, done.err
    return tmp_path / "out"


def test_the_same(irloom: Callable[..., Done], ran: Path, tmp_path: Path) -> None:
    done = irloom("replay", ran, "--output", tmp_path / "again")
    assert done.code == 0, done.err
    assert "nothing has changed" in done.out
    assert "every number is the same: " in done.out
    assert irloom("diff", ran, tmp_path / "again").out == "nothing has changed\n"
    assert irloom("diff", ran, tmp_path / "again").code == 0


def test_a_changed_document(irloom: Callable[..., Done], ran: Path, own: Path, tmp_path: Path) -> None:
    path = own / "corpus.jsonl"
    path.write_text(path.read_text().replace("fish swim", "the cat swims"))
    done = irloom("replay", ran, "--output", tmp_path / "again")
    assert done.code == 1
    assert "data: document 'd3'" in done.out
    assert "numbers differ" in done.out
    compared = irloom("diff", ran, tmp_path / "again", "--json")
    assert compared.code == 1
    assert {"data: document 'd3'", "data.fingerprint"} <= {
        change["key"] for change in json.loads(compared.out) if change["group"] == "data"
    }


def test_a_changed_key_that_changes_no_number(irloom: Callable[..., Done], ran: Path, tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(path.read_text().replace("k1: 0.9", "k1: 1.4"))
    done = irloom("replay", ran)
    assert done.code == 1
    assert "e.yaml: systems.bm25.bm25.k1" in done.out
    assert "every number is the same" in done.out
    assert "what decides the numbers is no more what it was" in done.out
    assert json.loads(irloom("replay", ran, "--json").out)["same"] is False


def test_bad_input(irloom: Callable[..., Done], ran: Path, own: Path, tmp_path: Path) -> None:
    done = irloom("diff", ran, tmp_path / "none")
    assert (done.code, "is no folder" in done.err) == (2, True)
    (tmp_path / "empty").mkdir()
    done = irloom("replay", tmp_path / "empty")
    assert (done.code, "has no manifest.json" in done.err) == (2, True)
    shutil.rmtree(own)
    done = irloom("replay", ran)
    assert (done.code, "cannot be replayed: dataset" in done.err) == (2, True)
