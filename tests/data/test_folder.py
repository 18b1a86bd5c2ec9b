"""BEIR folders, folders with only a corpus, single files."""

from pathlib import Path

import pytest

from irloom.core.errors import BadLine, DataError
from irloom.core.types import Document, Query
from irloom.data.folder import FolderDataset, write_beir

DOCUMENTS = [Document("d1", "one", "Title"), Document("d2", "")]
QUERIES = [Query("q1", "a"), Query("q2", "b")]
QRELS = {"test": {"q1": {"d1": 1}}, "train": {"q2": {"d2": 0, "gone": 1}}}


@pytest.mark.parametrize("gzipped", [False, True])
def test_a_written_folder_reads_back(tmp_path: Path, gzipped: bool) -> None:
    write_beir(tmp_path, DOCUMENTS, QUERIES, QRELS, gzipped=gzipped)
    found = FolderDataset("mine", tmp_path)
    assert list(found.documents()) == DOCUMENTS == list(found.documents())
    assert found.all_queries() == QUERIES
    assert {split: found.qrels(split) for split in found.splits} == QRELS
    assert found.queries("train") == QUERIES[1:]


def test_packing_does_not_change_the_hashes(tmp_path: Path) -> None:
    for gzipped in (False, True):
        write_beir(tmp_path / str(gzipped), DOCUMENTS, QUERIES, QRELS, gzipped=gzipped)
    plain, packed = (FolderDataset("mine", tmp_path / str(gzipped)) for gzipped in (False, True))
    assert plain.fingerprint == packed.fingerprint
    assert plain.content_hash == packed.content_hash
    write_beir(tmp_path / "other", DOCUMENTS, QUERIES, {"test": {"q1": {"d2": 1}}})
    other = FolderDataset("mine", tmp_path / "other")
    assert other.fingerprint == plain.fingerprint
    assert other.content_hash != plain.content_hash


def test_ms_marco_names_and_packed_qrels(tmp_path: Path) -> None:
    (tmp_path / "collection.tsv").write_text("0\tfirst\n")
    (tmp_path / "queries.tsv").write_text("7\twhat\n")
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "dev.tsv").write_text("7\t0\t0\t1\n")
    (tmp_path / "qrels" / ".dev.tsv.1.tmp").write_text("")
    (tmp_path / "qrels" / "SOURCE.md").write_text("")
    found = FolderDataset("mine", tmp_path)
    assert (found.splits, found.protocol.split) == (("dev",), "dev")
    assert (found.queries(), found.qrels()) == ([Query("7", "what")], {"7": {"0": 1}})


def test_only_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text('{"_id": "1", "text": "t"}\n')
    for path in (tmp_path, tmp_path / "corpus.jsonl"):
        found = FolderDataset("mine", path)
        assert (found.splits, len(list(found.documents()))) == ((), 1)
        with pytest.raises(DataError, match="'mine' has no queries"):
            found.queries()
        with pytest.raises(DataError, match="'mine' has no judgments"):
            found.qrels()


def test_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no corpus"):
        FolderDataset("mine", tmp_path)


def test_a_broken_line_is_named_with_its_file(tmp_path: Path) -> None:
    write_beir(tmp_path, DOCUMENTS, QUERIES, QRELS)
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\n")
    with pytest.raises(BadLine, match=r"qrels/test\.tsv line 2: 2 columns"):
        FolderDataset("mine", tmp_path).queries()
