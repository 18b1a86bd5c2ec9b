"""Tables as MS MARCO and T2Ranking have them."""

import gzip
from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError, DuplicateDocument
from irloom.core.types import Document, Query
from irloom.data.dataset import Protocol
from irloom.data.tsv_folder import TsvFolder, is_tsv_folder, read_table_qrels, tsv_splits


@pytest.fixture
def msmarco(tmp_path: Path) -> Path:
    (tmp_path / "collection.tsv").write_text("0\tThe Manhattan Project\n1\tEssay on it\n")
    (tmp_path / "queries.dev.small.tsv").write_text("9\tmanhattan\n8\tunjudged\n")
    (tmp_path / "qrels.dev.small.tsv").write_text("9\t0\t0\t1\n")
    (tmp_path / "msmarco-test2019-queries.tsv.gz").write_bytes(gzip.compress(b"7\tessay\n"))
    (tmp_path / "2019qrels-pass.txt").write_text("7 Q0 1 3\n7 Q0 0 1\n")
    (tmp_path / "qrels.train.tsv").write_text("1\t0\t1\t1\n")
    return tmp_path


def test_msmarco(msmarco: Path) -> None:
    data = TsvFolder("msmarco", msmarco, protocol=Protocol(split="trec-dl-2019", min_grade=2))
    assert data.splits == ("trec-dl-2019", "dev.small")
    assert list(data.documents()) == [Document("0", "The Manhattan Project"), Document("1", "Essay on it")]
    assert data.queries() == [Query("7", "essay")]
    assert data.qrels() == {"7": {"1": 3, "0": 1}}
    assert data.queries("dev.small") == [Query("9", "manhattan")]
    assert {query.id for query in data.all_queries()} == {"7", "8", "9"}


def test_the_hash_is_that_of_the_content(msmarco: Path) -> None:
    before = TsvFolder("m", msmarco)
    hashes = before.fingerprint, before.content_hash
    (msmarco / "queries.dev.small.tsv").write_text("9\tchanged\n")
    after = TsvFolder("m", msmarco)
    assert after.fingerprint == hashes[0]
    assert after.content_hash != hashes[1]


def test_t2ranking(tmp_path: Path) -> None:
    """Columns are named in the first line; retrieval judgments are pairs, the others of four grades."""
    (tmp_path / "collection.tsv").write_text("pid\ttext\n0\t北京\n1\t\n", encoding="utf-8")
    (tmp_path / "queries.dev.tsv").write_text("qid\ttext\n5\t首都\n", encoding="utf-8")
    (tmp_path / "qrels.retrieval.dev.tsv").write_text("qid\tpid\n5\t0\n")
    (tmp_path / "qrels.dev.tsv").write_text("qid\t-\tpid\trel\n5\t0\t0\t3\n5\t0\t1\t0\n")
    data = TsvFolder("t2", tmp_path, protocol=Protocol(split="retrieval.dev"))
    assert list(data.documents()) == [Document("0", "北京"), Document("1", "")]
    assert data.queries() == [Query("5", "首都")]
    assert data.qrels() == {"5": {"0": 1}}
    assert data.qrels("dev") == {"5": {"0": 3, "1": 0}}


def test_what_is_such_a_folder(tmp_path: Path, msmarco: Path) -> None:
    assert is_tsv_folder(msmarco)
    (msmarco / "collection.tsv").rename(msmarco / "passages.tsv")
    assert not is_tsv_folder(msmarco)
    assert set(tsv_splits(msmarco)) == {"dev.small", "trec-dl-2019"}
    assert tsv_splits(msmarco / "none") == {}
    with pytest.raises(DataError, match=r"holds no collection\.tsv"):
        TsvFolder("x", msmarco)


def test_no_queries(tmp_path: Path) -> None:
    (tmp_path / "collection.tsv").write_text("0\ta\n")
    with pytest.raises(DataError, match="has no queries"):
        TsvFolder("x", tmp_path).all_queries()


def test_an_id_twice(msmarco: Path) -> None:
    (msmarco / "collection.tsv").write_text("0\ta\n0\tb\n")
    with pytest.raises(DuplicateDocument, match="lines 1 and 2"):
        list(TsvFolder("x", msmarco).documents())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1\t0\t2\n", "line 1: 3 columns; expected 4 .* or 2"),
        ("1\t2\n1\t0\t2\t1\n", "line 2: 4 columns; expected 2"),
        ("qid\t-\tpid\trel\n1\t0\t2\n", "line 2: 3 columns; expected 4"),
        ("qid\t-\tpid\trel\n1\t0\t2\tx\n", "line 2: grade 'x' is not a whole number"),
        ("qid\t-\tpid\trel\n1\t0\t2\t1\n1\t0\t2\t2\n", "line 3: query '1', document '2': grade 2, but an earlier line"),
        ("1\t0\t2\tx\n", "line 1: grade 'x' is not a whole number"),
    ],
)
def test_bad_judgments(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text(text)
    with pytest.raises(BadLine, match=problem):
        read_table_qrels(path)


@pytest.mark.parametrize("text", ["", "qid\tpid\n"])
def test_no_judgments(tmp_path: Path, text: str) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text(text)
    with pytest.raises(DataError, match="holds no judgment"):
        read_table_qrels(path)
