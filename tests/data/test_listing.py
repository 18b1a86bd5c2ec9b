"""What there is: listed, not read."""

from pathlib import Path

import pytest

from irloom.core.types import Document, Query
from irloom.data.folder import write_beir
from irloom.data.listing import list_datasets, list_local


def make(folder: Path, split: str = "test") -> None:
    write_beir(folder, [Document("d", "t")], [Query("q", "?")], {split: {"q": {"d": 1}}})


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_what_is_listed(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(places / "data" / "trec-dl-2019")
    make(places / "cache" / "datasets" / "mine", split="dev")
    (places / "data" / "notes").mkdir()
    (places / "data" / "notes" / "a.txt").write_text("t")
    (places / "data" / "empty").mkdir()
    (places / "data" / "README.md").write_text("")
    (places / "data" / "plain").mkdir()
    (places / "data" / "plain" / "corpus.jsonl").write_text("not looked at")
    listed = {info.name: (info.kind, info.splits) for info in list_local()}
    assert listed == {
        "mine": ("beir", ("dev",)),
        "notes": ("texts", ()),
        "plain": ("corpus", ()),
        "python-packages": ("generated", ("test", "train")),
        "python-stdlib": ("generated", ("test", "train")),
        "trec-dl-2019": ("beir", ("test",)),
    }
    monkeypatch.delenv("IRLOOM_DATA")
    assert "trec-dl-2019" not in {info.name for info in list_datasets()}
    assert {"mine", "beir/scifact", "python-stdlib"} <= {info.name for info in list_datasets()}


def test_the_catalogue_is_listed(places: Path) -> None:
    make(places / "data" / "beir" / "arguana")
    make(places / "data" / "scifact")
    listed = {info.name: info for info in list_datasets()}
    assert listed["beir/arguana"].place == str(places / "data" / "beir" / "arguana")
    assert (listed["beir/arguana"].description, listed["beir/arguana"].licence) == ("self hits removed", "CC BY 4.0")
    assert listed["beir/scifact"].place == listed["scifact"].place
    assert not listed["beir/scifact"].fetchable
    fiqa = listed["beir/fiqa"]
    assert (fiqa.place, fiqa.fetchable, fiqa.documents, fiqa.size) == ("", True, 57_638, 17_948_027)
    assert (listed["beir/robust04"].fetchable, listed["beir/robust04"].description) == (False, "not for download")
    assert "beir" not in listed
