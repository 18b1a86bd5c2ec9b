"""Parquet in the layouts of NanoBEIR and MTEB."""

from pathlib import Path

import pytest

from irloom.core.errors import DataError
from irloom.core.types import Document, Query
from irloom.data.named import load_dataset
from irloom.data.parquet import ParquetDataset, is_parquet_folder

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

CORPUS = [{"_id": "a", "text": "cat"}, {"_id": "b", "text": "dog"}]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture
def nano(tmp_path: Path) -> Path:
    """Three folders of one shard each, whose split is `train`; judgments have no grades."""
    write(tmp_path / "corpus" / "train-00000-of-00001.parquet", CORPUS)
    write(tmp_path / "queries" / "train-00000-of-00001.parquet", [{"_id": "q", "text": "?"}, {"_id": "p", "text": "unjudged"}])
    write(tmp_path / "qrels" / "train-00000-of-00001.parquet", [{"query-id": "q", "corpus-id": "b"}])
    return tmp_path


def test_nanobeir(nano: Path) -> None:
    data = load_dataset(nano)
    assert isinstance(data, ParquetDataset)
    assert data.splits == ("train",)
    assert data.protocol.split == "train"
    assert list(data.documents()) == list(data.documents()) == [Document("a", "cat"), Document("b", "dog")]
    assert data.queries() == [Query("q", "?")]
    assert data.qrels() == {"q": {"b": 1}}


def test_shards_and_splits(tmp_path: Path) -> None:
    write(tmp_path / "corpus-00000-of-00002.parquet", CORPUS[:1])
    write(tmp_path / "corpus-00001-of-00002.parquet", CORPUS[1:])
    write(tmp_path / "queries.parquet", [{"_id": "q", "text": "?"}])
    write(tmp_path / "qrels" / "test-00000-of-00002.parquet", [{"query-id": "q", "corpus-id": "a", "score": 1}])
    write(tmp_path / "qrels" / "test-00001-of-00002.parquet", [{"query-id": "q", "corpus-id": "b", "score": 2}])
    write(tmp_path / "qrels" / "dev.parquet", [{"query-id": "q", "corpus-id": "a", "score": 0}])
    data = ParquetDataset("set", tmp_path)
    assert [document.id for document in data.documents()] == ["a", "b"]
    assert data.splits == ("dev", "test")
    assert data.qrels("test") == {"q": {"a": 1, "b": 2}}


def test_one_file_of_judgments_is_test(tmp_path: Path) -> None:
    write(tmp_path / "corpus.parquet", CORPUS)
    write(tmp_path / "qrels.parquet", [{"query_id": "q", "doc_id": "a", "relevance": 1}])
    data = ParquetDataset("set", tmp_path)
    assert data.qrels() == {"q": {"a": 1}}
    with pytest.raises(DataError, match="has no queries"):
        data.all_queries()


def test_a_corpus_alone(tmp_path: Path) -> None:
    write(tmp_path / "docs.parquet", CORPUS)
    data = load_dataset(tmp_path / "docs.parquet")
    assert data.splits == ()
    assert len(list(data.documents())) == 2


def test_hashes(nano: Path) -> None:
    before = ParquetDataset("set", nano)
    hashes = before.fingerprint, before.content_hash
    write(nano / "qrels" / "train-00000-of-00001.parquet", [{"query-id": "q", "corpus-id": "a"}])
    after = ParquetDataset("set", nano)
    assert after.fingerprint == hashes[0]
    assert after.content_hash != hashes[1]


def test_what_cannot_be_read(nano: Path, tmp_path: Path) -> None:
    assert is_parquet_folder(nano)
    shard = nano / "corpus" / "train-00000-of-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-10])
    with pytest.raises(DataError, match="is no whole Parquet file"):
        list(load_dataset(nano).documents())
    with pytest.raises(DataError, match="holds no corpus"):
        ParquetDataset("set", nano / "queries")
