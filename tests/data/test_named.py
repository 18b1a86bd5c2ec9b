"""Names: where they are looked for, in which order, and what goes with them."""

import dataclasses
from pathlib import Path

import pytest

from irloom.core.errors import DataError, UnknownName
from irloom.core.types import Document, Query
from irloom.data.catalogue import CATALOGUE
from irloom.data.checked import NamedDataset
from irloom.data.dataset import Protocol
from irloom.data.entry import Counts, Download, Entry
from irloom.data.folder import FolderDataset, write_beir
from irloom.data.named import about, fetch_dataset, load_dataset
from irloom.data.text_folder import TextFolder
from tests.serving import Served


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


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Entry:
    entry = Entry("beir/tiny", "beir/tiny", "beir/tiny", "beir", Protocol(remove_self_hits=True), Counts(1, 1, 1), "CC0", aliases=("tiny",))
    monkeypatch.setitem(CATALOGUE, "beir/tiny", entry)
    return entry


def test_a_named_collection_is_looked_for_before_it_is_fetched(places: Path, tiny: Entry) -> None:
    """Under IRLOOM_DATA by its whole name, then by its short one, then in the cache; the protocol goes with it wherever it lies."""
    with pytest.raises(DataError, match="beir/tiny is not here and cannot be fetched"):
        load_dataset("beir/tiny")
    for place in ("cache/datasets/beir/tiny", "data/tiny", "data/beir/tiny"):
        make(places / place, place)
        assert text_of("beir/tiny") == place
        assert fetch_dataset("beir/tiny") == places / place
    found = load_dataset("beir/tiny")
    assert isinstance(found, NamedDataset)
    assert found.name == "beir/tiny"
    assert found.protocol == tiny.protocol
    make(places / "here" / "beir" / "tiny", "here")
    assert load_dataset("beir/tiny").protocol == Protocol()


def test_a_named_collection_is_fetched(places: Path, tiny: Entry, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make(places / "source")
    served.files = {f"/{path.name}": path.read_bytes() for path in source.rglob("*") if path.is_file()}
    paths = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")
    downloads = tuple(Download(path, (f"{served.url}/{Path(path).name}",)) for path in paths)
    monkeypatch.setitem(CATALOGUE, "beir/tiny", dataclasses.replace(tiny, sources=(downloads,)))
    assert about("beir/tiny")["place"] == ""
    monkeypatch.setenv("IRLOOM_OFFLINE", "1")
    with pytest.raises(DataError, match="IRLOOM_OFFLINE forbids"):
        load_dataset("beir/tiny")
    monkeypatch.delenv("IRLOOM_OFFLINE")
    shown: list[str] = []
    with pytest.warns(UserWarning, match="no checksum is published"):
        data = load_dataset("beir/tiny", progress=lambda label, *_: shown.append(label))
    assert data.queries() == [Query("q", "?")]
    assert set(shown) == {f"beir/tiny {path}" for path in paths}
    assert about("beir/tiny")["place"] == str(places / "cache" / "datasets" / "beir" / "tiny")
    served.files.clear()
    assert load_dataset("beir/tiny").qrels() == {"q": {"d": 1}}


def test_a_named_collection_that_is_not_whole(places: Path, tiny: Entry) -> None:
    make(places / "data" / "beir" / "tiny", split="dev")
    with pytest.raises(DataError, match=r"data/beir/tiny is not a whole beir/tiny: it lacks the corpus or the judgments 'test'"):
        load_dataset("beir/tiny")


def test_a_group_is_no_dataset(places: Path) -> None:
    with pytest.raises(DataError, match=r"'beir/cqadupstack' is a group of 12 datasets \(beir/cqadupstack/android, .*name one of them"):
        load_dataset("beir/cqadupstack")


def test_an_unknown_named_collection(places: Path) -> None:
    with pytest.raises(UnknownName, match=r"unknown dataset 'beir/scifacts'; .* Did you mean 'beir/scifact'"):
        load_dataset("beir/scifacts")
    with pytest.raises(UnknownName, match=r"unknown dataset 'nfcorpus'|'beir/nfcorpus' can be fetched"):
        load_dataset("nfcorpus")
    with pytest.raises(UnknownName, match=r"unknown named collection 'scifact'; .* Did you mean 'beir/scifact'"):
        fetch_dataset("scifact")


def test_tables_by_their_path(places: Path) -> None:
    folder = places / "here" / "marco"
    folder.mkdir()
    for name, text in {"collection.tsv": "0\ta\n", "queries.dev.small.tsv": "q\t?\n", "qrels.dev.small.tsv": "q\t0\t0\t1\n"}.items():
        (folder / name).write_text(text)
    assert load_dataset("marco").qrels() == {"q": {"0": 1}}
    (places / "data" / "msmarco-passage").symlink_to(folder)
    with pytest.warns(UserWarning, match="1 judgments, expected 7,437"):
        assert load_dataset("msmarco-passage/dev").qrels() == {"q": {"0": 1}}


def test_what_is_known_of_a_dataset(places: Path) -> None:
    make(places / "data" / "trec-dl-2019")
    assert about("trec-dl-2019")["relevant from grade"] == 2
    known = about("beir/quora")
    assert (known["self hits"], known["expected"]) == ("removed", {"documents": 522_931, "queries": 10_000, "judgments": 15_675})
    assert about("beir/robust04")["addresses"] == [CATALOGUE["beir/robust04"].how]


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
