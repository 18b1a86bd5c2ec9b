"""Datasets in files: a BEIR folder, a folder with only a corpus, a corpus file; and the writer of BEIR folders."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from irloom.core.errors import DataError
from irloom.core.types import Document, Qrels, Query
from irloom.data.corpus import SUFFIXES, read_corpus, read_queries, write_corpus, write_queries
from irloom.data.dataset import Dataset, Protocol
from irloom.data.lines import open_bytes
from irloom.data.qrels import read_qrels, write_qrels

_CORPUS = ("corpus.jsonl", "corpus.jsonl.gz", "collection.tsv", "collection.tsv.gz", "corpus.tsv", "corpus.tsv.gz")
_QUERIES = ("queries.jsonl", "queries.jsonl.gz", "queries.tsv", "queries.tsv.gz")
_QRELS = (".tsv", ".tsv.gz", ".txt", ".txt.gz", ".qrels", ".trec")
_CHUNK = 1 << 20


class FolderDataset(Dataset):
    """A folder as BEIR has it: `corpus.jsonl`, `queries.jsonl`, `qrels/<split>.tsv`, each plain or gzipped.

    Queries and judgments may be missing. MS MARCO's `collection.tsv` and `queries.tsv` are read as well, and so is a single
    corpus file instead of a folder.

    Raises:
        DataError: there is no corpus.
    """

    def __init__(self, name: str, path: str | Path, *, protocol: Protocol | None = None, description: str = "") -> None:
        super().__init__(name, protocol=protocol, description=description)
        self.path = Path(path)
        corpus = self.path if self.path.is_file() else find_corpus(self.path)
        if corpus is None:
            raise DataError(f"{path} holds no corpus; expected one of {', '.join(_CORPUS)}")
        self.corpus_path = corpus
        folder = self.path if self.path.is_dir() else None
        self.queries_path = _first(folder, _QUERIES) if folder else None
        self.qrels_paths: Mapping[str, Path] = _splits(folder / "qrels") if folder else {}
        self.description = description or f"{'a BEIR folder' if self.qrels_paths else 'documents only'}: {self.path}"

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(self.qrels_paths)

    def documents(self) -> Iterator[Document]:
        return read_corpus(self.corpus_path)

    def all_queries(self) -> list[Query]:
        if self.queries_path is None:
            raise DataError(f"dataset {self.name!r} has no queries; {self.path} would need a queries.jsonl with '_id' and 'text'")
        return read_queries(self.queries_path)

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        return read_qrels(self.qrels_paths[split])

    @cached_property
    def fingerprint(self) -> str:
        return content_hash_of([self.corpus_path])

    @cached_property
    def content_hash(self) -> str:
        paths = [self.corpus_path, *([self.queries_path] if self.queries_path else []), *self.qrels_paths.values()]
        return content_hash_of(paths)


def find_corpus(folder: Path) -> Path | None:
    """The corpus file of a folder, or None."""
    return _first(folder, _CORPUS)


def is_corpus_file(path: Path) -> bool:
    """Whether a path is a file that `read_corpus` takes."""
    return path.is_file() and path.name.endswith(SUFFIXES)


def splits_of(folder: Path) -> tuple[str, ...]:
    """The names of a folder's sets of judgments; nothing is read."""
    return tuple(_splits(folder / "qrels"))


def content_hash_of(paths: Iterable[Path]) -> str:
    """SHA-256 of files' content in hex; packed or not makes no difference."""
    digest = hashlib.sha256()
    for path in paths:
        inner = hashlib.sha256()
        with open_bytes(path) as file:
            while chunk := file.read(_CHUNK):
                inner.update(chunk)
        digest.update(path.name.removesuffix(".gz").encode() + b"\0" + inner.digest())
    return digest.hexdigest()


def write_beir(
    folder: str | Path, documents: Iterable[Document], queries: Iterable[Query], qrels: Mapping[str, Qrels], *, gzipped: bool = False
) -> None:
    """Writes a BEIR folder; each file appears whole or not at all.

    Args:
        folder: made where it is missing.
        documents: the corpus.
        queries: those of all splits.
        qrels: judgments by split.
        gzipped: whether corpus and queries are packed.
    """
    folder, ending = Path(folder), ".jsonl.gz" if gzipped else ".jsonl"
    write_corpus(documents, folder / f"corpus{ending}")
    write_queries(queries, folder / f"queries{ending}")
    for split, judgments in qrels.items():
        write_qrels(judgments, folder / "qrels" / f"{split}.tsv", layout="beir")


def _first(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _splits(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            ending = next((ending for ending in _QRELS if path.name.endswith(ending)), "")
            if ending and path.is_file() and not path.name.startswith("."):
                found.setdefault(path.name.removesuffix(ending), path)
    return found
