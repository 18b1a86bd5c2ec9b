"""The catalogue's checksums and counts beside those that ir_datasets checks and lists."""

import json
from pathlib import Path

import pytest

from irloom.data.catalogue import CATALOGUE
from irloom.data.entry import Counts, Entry

ir_datasets = pytest.importorskip("ir_datasets")
pytestmark = pytest.mark.parity

TABLES = Path(ir_datasets.__file__).parent / "etc"
METADATA = json.loads((TABLES / "metadata.json").read_bytes())
DOWNLOADS = json.loads((TABLES / "downloads.json").read_bytes())
PUBLIC = [entry for entry in CATALOGUE.values() if entry.sources and not entry.name.startswith("t2ranking")]


def peer_name(entry: Entry) -> str:
    """Its id there: with the split where there are several; BEIR's Touche there is the first version, ours the archive's second."""
    named = {"beir/webis-touche2020": "beir/webis-touche2020/v2", "beir/webis-touche2020-v1": "beir/webis-touche2020"}
    name = named.get(entry.name, entry.name).replace("nanobeir/", "nano-beir/")
    names = (f"{name}/small", f"{name}/judged", f"{name}/{entry.protocol.split}", name)
    return next(name for name in names if name in METADATA)


def told(name: str, what: str) -> int:
    found = METADATA[name][what]
    while "_ref" in found:
        found = METADATA[found["_ref"]][what]
    return int(found["count"])


@pytest.mark.parametrize("entry", PUBLIC, ids=lambda entry: entry.name)
def test_counts(entry: Entry) -> None:
    name = peer_name(entry)
    assert entry.counts == Counts(told(name, "docs"), told(name, "queries"), told(name, "qrels"))


@pytest.mark.parametrize("entry", PUBLIC, ids=lambda entry: entry.name)
def test_checksums(entry: Entry) -> None:
    sums = {found["expected_md5"] for family in ("beir", "msmarco-passage", "nano-beir") for found in DOWNLOADS[family].values()}
    ours = {download.md5 for download in entry.sources[0]}
    assert ours <= sums
