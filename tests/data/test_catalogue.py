"""The catalogue: names, groups, and what each entry must have."""

import re
from pathlib import PurePosixPath

import pytest

from irloom.core.errors import DataError
from irloom.data.catalogue import CATALOGUE, GROUPS, expand_dataset, protocol_of, refuse_group
from irloom.data.dataset import Protocol
from irloom.data.entry import Entry


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.name)
def test_an_entry_holds_together(entry: Entry) -> None:
    """Its folder lies in its unit, its sums are MD5 sums, its addresses https, and it has a source or says what to do."""
    assert PurePosixPath(entry.folder).is_relative_to(entry.unit)
    assert entry.licence
    assert bool(entry.sources) != bool(entry.how)
    for download in (download for source in entry.sources for download in source):
        assert re.fullmatch(r"[0-9a-f]{32}|", download.md5)
        assert download.urls
        assert all(url.startswith("https://") for url in download.urls)
        assert download.path or (download.md5 and entry.wanted)


def test_entries_of_one_unit_are_fetched_alike() -> None:
    units: dict[str, tuple[object, object]] = {}
    for entry in CATALOGUE.values():
        assert units.setdefault(entry.unit, (entry.sources, entry.wanted)) == (entry.sources, entry.wanted)


def test_all_of_beir() -> None:
    """Its 18 sets and MS MARCO; CQADupStack is a group of 12, and Touche has two versions."""
    names = {name.split("/")[1] for name in CATALOGUE if name.startswith("beir/")}
    assert len(names - {"webis-touche2020-v1"}) == 19
    assert sum(CATALOGUE[name].counts.documents for name in GROUPS["beir/cqadupstack"]) == 457_199  # the paper's table 1
    assert sum(CATALOGUE[name].counts.queries for name in GROUPS["beir/cqadupstack"]) == 13_145


def test_protocols() -> None:
    removed = {name for name, entry in CATALOGUE.items() if entry.protocol.remove_self_hits}
    assert removed == {"beir/arguana", "beir/quora"}
    graded = {name for name, entry in CATALOGUE.items() if entry.protocol.min_grade == 2}
    assert graded == {"msmarco-passage/trec-dl-2019", "msmarco-passage/trec-dl-2020", "t2ranking/dev-graded"}
    assert CATALOGUE["beir/msmarco"].protocol.split == "dev"


def test_groups() -> None:
    assert {name: len(held) for name, held in GROUPS.items()} == {"beir/cqadupstack": 12, "beir-13": 13, "nanobeir": 13}
    assert all(name in CATALOGUE for held in GROUPS.values() for name in held)
    assert not set(GROUPS) & set(CATALOGUE)
    assert expand_dataset("some/path") == ["some/path"]
    with pytest.raises(DataError, match=r"'nanobeir' is a group of 13 datasets"):
        refuse_group("nanobeir")
    refuse_group("beir/scifact")


def test_protocols_of_ids_elsewhere() -> None:
    assert protocol_of("beir/arguana") == protocol_of("BeIR/arguana@main") == Protocol(remove_self_hits=True)
    assert protocol_of("msmarco-passage/trec-dl-2020/judged") == CATALOGUE["msmarco-passage/trec-dl-2020"].protocol
    assert protocol_of("msmarco-document/trec-dl-2019") is None
    assert protocol_of("vaswani") is None
