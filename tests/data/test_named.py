"""Names: where they are looked for, in which order, and what goes with them."""

from pathlib import Path

import pytest

from irloom.core.errors import DataError, UnknownName
from irloom.core.types import Document, Query
from irloom.data.dataset import Protocol
from irloom.data.folder import FolderDataset, write_beir
from irloom.data.listing import list_datasets, list_local
from irloom.data.named import cache_folder, load_dataset
from irloom.data.text_folder import TextFolder


def make(folder: Path, text: str = "t", split: str = "test") -> Path:
    write_beir(folder, [Document("d", text)], [Query("q", "?")], {split: {"q": {"d": 1}}})
    return folder


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("here", "data", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("IRLOOM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    return tmp_path


def text_of(name: str | Path) -> str:
    return next(load_dataset(name).documents()).text


def test_path_then_data_then_cache(places: Path) -> None:
    make(places / "cache" / "datasets" / "set", "cache")
    assert text_of("set") == "cache"
    make(places / "data" / "set", "data")
    assert text_of("set") == "data"
    make(places / "here" / "set", "here")
    assert text_of("set") == text_of(places / "here" / "set") == text_of("./set") == "here"


def test_a_name_of_several_parts(places: Path) -> None:
    make(places / "data" / "cqadupstack" / "android", "nested")
    assert text_of("cqadupstack/android") == "nested"


def test_the_protocol_goes_with_the_name_only(places: Path) -> None:
    make(places / "data" / "trec-dl-2019")
    make(places / "data" / "arguana")
    assert load_dataset("trec-dl-2019").protocol == Protocol(min_grade=2)
    assert load_dataset("arguana").protocol == Protocol(remove_self_hits=True)
    assert load_dataset(places / "data" / "trec-dl-2019").protocol == Protocol()
    make(places / "here" / "arguana")
    assert load_dataset("arguana").protocol == Protocol()


def test_an_unknown_name_names_the_nearest(places: Path) -> None:
    make(places / "data" / "scifact")
    with pytest.raises(
        UnknownName, match=r"unknown dataset 'scifcat'; known: python-packages, python-stdlib, scifact\. Did you mean 'scifact'"
    ):
        load_dataset("scifcat")


@pytest.mark.parametrize("name", ["no/such", "none.jsonl", "/no/such/place"])
def test_a_path_that_does_not_exist(places: Path, name: str) -> None:
    with pytest.raises(DataError, match="does not exist"):
        load_dataset(name)


def test_an_empty_name(places: Path) -> None:
    with pytest.raises(DataError, match="name is empty"):
        load_dataset("")


def test_kinds(places: Path) -> None:
    (places / "here" / "notes").mkdir()
    with pytest.raises(DataError, match="is no dataset: it holds neither a corpus"):
        load_dataset("notes")
    (places / "here" / "notes" / "a.md").write_text("# A")
    assert isinstance(load_dataset("notes"), TextFolder)
    (places / "here" / "corpus.tsv").write_text("1\tt\n")
    assert isinstance(load_dataset("corpus.tsv"), FolderDataset)
    (places / "here" / "a.csv").write_text("1,t\n")
    with pytest.raises(DataError, match="is no corpus file"):
        load_dataset("a.csv")


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


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", "~/mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("IRLOOM_CACHE")
    for platform, expected in (("darwin", "Library/Caches/irloom"), ("linux", ".cache/irloom"), ("win32", "AppData/Local/irloom")):
        monkeypatch.setattr("sys.platform", platform)
        monkeypatch.delenv("LOCALAPPDATA", raising=False)
        assert cache_folder() == tmp_path / expected
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x" / "irloom"


@pytest.mark.parametrize(
    ("name", "documents", "queries", "judgments"),
    [("scifact", 5183, 300, 339), ("cranfield", 1400, 225, 1837), ("trec-dl-2019", 10818, 43, 9260), ("clariq", 3940, 50, 642)],
)
def test_public_collections(data_root: Path, name: str, documents: int, queries: int, judgments: int) -> None:
    """The counts that each collection's SOURCE.md gives."""
    found = load_dataset(name)
    assert sum(1 for _ in found.documents()) == documents
    assert len(found.queries()) == queries
    assert sum(map(len, found.qrels().values())) == judgments
