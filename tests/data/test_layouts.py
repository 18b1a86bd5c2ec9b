"""Which layout a folder has."""

from pathlib import Path

import pytest

from irloom.core.errors import DataError
from irloom.data.folder import FolderDataset
from irloom.data.layouts import kind_of, open_path
from irloom.data.parquet import ParquetDataset
from irloom.data.text_folder import TextFolder
from irloom.data.tsv_folder import TsvFolder

LAYOUTS = {
    "beir": (FolderDataset, ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv", "qrels/train.tsv"), ("test", "train")),
    "tsv": (TsvFolder, ("collection.tsv", "queries.dev.tsv", "qrels.dev.tsv"), ("dev",)),
    "parquet": (ParquetDataset, ("corpus/a.parquet", "queries.parquet", "qrels/dev-0-of-1.parquet"), ("dev",)),
    "corpus": (FolderDataset, ("collection.tsv", "queries.tsv"), ()),
    "texts": (TextFolder, ("notes/a.md",), ()),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_layout_is_known_by_its_files(tmp_path: Path, kind: str) -> None:
    """Nothing is read: the files are empty."""
    expected, names, splits = LAYOUTS[kind]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert kind_of(tmp_path) == (kind, splits)
    found = open_path("set", tmp_path)
    assert isinstance(found, expected)
    assert (found.name, found.splits) == ("set", splits)


def test_no_layout(tmp_path: Path) -> None:
    assert kind_of(tmp_path) is None
    with pytest.raises(
        DataError, match=r"is no dataset: it holds neither a corpus \(corpus\.jsonl, collection\.tsv, corpus\.parquet\) nor"
    ):
        open_path("set", tmp_path)
    (tmp_path / "a.csv").touch()
    with pytest.raises(DataError, match=r"is no corpus file; expected \.jsonl or \.tsv"):
        open_path("set", tmp_path / "a.csv")
