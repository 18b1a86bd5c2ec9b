"""The ways in which a folder of data lies: which one it is, and the dataset that reads it."""

from pathlib import Path

from irloom.core.errors import DataError
from irloom.data.dataset import Dataset, Protocol
from irloom.data.folder import FolderDataset, find_corpus, is_corpus_file, splits_of
from irloom.data.parquet import ParquetDataset, is_parquet_folder, parquet_splits
from irloom.data.text_folder import TextFolder, holds_texts
from irloom.data.tsv_folder import TsvFolder, is_tsv_folder, tsv_splits


def open_path(name: str, path: Path, protocol: Protocol | None = None) -> Dataset:
    """The dataset of a file or a folder: BEIR's layout, tables as MS MARCO has them, Parquet, a corpus alone, or a folder of texts.

    Raises:
        DataError: it is none of these.
    """
    if path.is_file():
        if path.suffix == ".parquet":
            return ParquetDataset(name, path)
        if not is_corpus_file(path):
            raise DataError(f"{path} is no corpus file; expected .jsonl or .tsv, plain or gzipped, or .parquet")
        return FolderDataset(name, path)
    if not (path / "qrels").is_dir() and is_tsv_folder(path):
        return TsvFolder(name, path, protocol=protocol)
    if find_corpus(path) is not None:
        return FolderDataset(name, path, protocol=protocol)
    if is_parquet_folder(path):
        return ParquetDataset(name, path, protocol=protocol)
    if holds_texts(path):
        return TextFolder(name, path)
    expected = "a corpus (corpus.jsonl, collection.tsv, corpus.parquet)"
    raise DataError(f"{path} is no dataset: it holds neither {expected} nor .md or .txt files")


def kind_of(path: Path) -> tuple[str, tuple[str, ...]] | None:
    """The kind of a folder ("beir", "tsv", "parquet", "corpus", "texts") and its splits; None where it is no dataset. Nothing is read."""
    if not (path / "qrels").is_dir() and is_tsv_folder(path):
        return "tsv", tuple(tsv_splits(path))
    if find_corpus(path) is not None:
        splits = splits_of(path)
        return "beir" if splits else "corpus", splits
    if is_parquet_folder(path):
        return "parquet", tuple(parquet_splits(path))
    return ("texts", ()) if holds_texts(path) else None
