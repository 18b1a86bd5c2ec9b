"""`irloom datasets`: the datasets that have a name."""

import json
from pathlib import Path

import pytest

from irloom.data.catalogue import CATALOGUE
from irloom.data.dataset import Protocol
from irloom.data.entry import Counts, Entry


@pytest.fixture
def named(animals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The animals as a collection of the catalogue, of which one document is missing."""
    monkeypatch.setenv("IRLOOM_DATA", str(animals.parent))
    entry = Entry("beir/animals", "beir/animals", "beir/animals", "beir", Protocol(), Counts(5, 3, 4), "CC0", aliases=("animals",), how="-")
    monkeypatch.setitem(CATALOGUE, "beir/animals", entry)


def test_all(irloom, animals, monkeypatch) -> None:
    monkeypatch.setenv("IRLOOM_DATA", str(animals.parent))
    done = irloom("datasets")
    assert done.code == 0
    for shown in ("python-stdlib", "beir/scifact", "5,183", "CC BY-NC 2.0", "fetch 2.8 MB", "not for download", "beir/cqadupstack (12)"):
        assert shown in done.out
    listed = {entry["name"]: entry for entry in json.loads(irloom("datasets", "--json").out)}
    assert {name for name in listed if "/" not in name} == {"animals", "python-packages", "python-stdlib"}
    assert (listed["animals"]["kind"], listed["animals"]["splits"]) == ("beir", ["test"])
    assert (listed["beir/nq"]["judgments"], listed["beir/nq"]["fetchable"]) == (4201, True)


def test_one(irloom, animals, named) -> None:
    done = irloom("datasets", "beir/animals")
    assert done.code == 0
    for shown in (str(animals), "5 documents, 3 queries, 4 judgments", "CC0", "kept"):
        assert shown in done.out
    assert json.loads(irloom("datasets", str(animals), "--json").out)["splits"] == ["test"]
    assert len(json.loads(irloom("datasets", "beir/cqadupstack", "--json").out)) == 12


def test_counts_that_differ_fail(irloom, named) -> None:
    done = irloom("datasets", "beir/animals", "--check")
    assert done.code == 1
    assert "4 documents, expected 5" in done.out
    facts = json.loads(irloom("datasets", "animals", "--check", "--json").out)
    assert (facts["found"], facts["check"]) == ({"documents": 4, "queries": 3, "judgments": 4}, "nothing is expected of it")


def test_bad_input(irloom, named) -> None:
    for arguments, said in (
        (("--check",), "one dataset"),
        (("beir/anmals",), "Did you mean 'beir/animals'"),
        (("no/such",), "does not exist"),
    ):
        done = irloom("datasets", *arguments)
        assert done.code == 2
        assert said in done.err
