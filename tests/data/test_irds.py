"""Datasets of ir_datasets, registered by the test."""

from pathlib import Path
from typing import NamedTuple

import pytest

from irloom.core.errors import DataError
from irloom.core.types import Document, Query
from irloom.data.irds import IrdsDataset
from irloom.data.named import load_dataset

ir_datasets = pytest.importorskip("ir_datasets")


@pytest.fixture(autouse=True)
def _registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path / "home"))
    (tmp_path / "docs.tsv").write_text("a\tcat\nb\tdog\n")
    (tmp_path / "queries.tsv").write_text("q\t?\np\tunjudged\n")
    (tmp_path / "qrels").write_text("q 0 a 2\nq 0 b 0\n")
    files = {"docs_tsv": tmp_path / "docs.tsv", "queries_tsv": tmp_path / "queries.tsv", "qrels_trec": tmp_path / "qrels"}
    whole = ir_datasets.create_dataset(**files)
    names = {
        "tiny/test": whole,
        "tiny": ir_datasets.create_dataset(docs_tsv=files["docs_tsv"]),
        "tiny/queries": ir_datasets.create_dataset(queries_tsv=files["queries_tsv"]),
        "msmarco-passage/trec-dl-2019/tiny": whole,
        "gone": ir_datasets.create_dataset(docs_tsv=tmp_path / "none.tsv"),
    }
    registry = dict(ir_datasets.registry._registered)
    monkeypatch.setattr(ir_datasets.registry, "_registered", {**registry, **names})


def test_a_dataset() -> None:
    data = load_dataset("irds:tiny/test")
    assert isinstance(data, IrdsDataset)
    assert list(data.documents()) == list(data.documents()) == [Document("a", "cat"), Document("b", "dog")]
    assert data.queries() == [Query("q", "?")]
    assert data.qrels() == {"q": {"a": 2, "b": 0}}
    assert data.protocol.min_grade == 1
    assert IrdsDataset("irds:tiny/test").content_hash == data.content_hash != data.fingerprint


def test_the_protocol_goes_with_the_id() -> None:
    data = load_dataset("irds:msmarco-passage/trec-dl-2019/tiny")
    assert (data.protocol.min_grade, data.protocol.split, data.splits) == (2, "test", ("test",))


def test_documents_only() -> None:
    data = load_dataset("irds:tiny")
    assert data.splits == ()
    assert data.content_hash
    with pytest.raises(DataError, match="has no queries"):
        data.all_queries()


def test_records_of_several_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Title and text where there are both; else the default text. Plain fields beyond become metadata."""

    class Full(NamedTuple):
        doc_id: str
        title: str
        text: str
        url: str
        authors: tuple[str, ...]

        def default_text(self) -> str:
            return f"{self.title} {self.text}"

    class Topic(NamedTuple):
        doc_id: str
        body: str

        def default_text(self) -> str:
            return self.body

    data = IrdsDataset("irds:tiny")
    rows = [Full("a", "T", "x", "u", ("z",)), Topic("b", "y")]
    monkeypatch.setattr(data, "_data", type("Rows", (), {"docs_iter": lambda _: iter(rows)})())
    assert list(data.documents()) == [Document("a", "x", "T", meta={"url": "u"}), Document("b", "y")]


def test_what_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="ir_datasets has no dataset 'none'"):
        load_dataset("irds:none")
    with pytest.raises(DataError, match="irds:tiny/queries has no documents"):
        load_dataset("irds:tiny/queries")
    monkeypatch.setenv("IRLOOM_OFFLINE", "1")
    with pytest.raises(DataError, match=r"irds:gone cannot be read by ir_datasets .*IRLOOM_OFFLINE is set"):
        list(load_dataset("irds:gone").documents())
