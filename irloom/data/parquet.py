"""Datasets in Parquet: a corpus file, or a folder with `corpus`, `queries` and `qrels` as NanoBEIR and MTEB have them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from irloom.core.errors import DataError
from irloom.core.optional import require
from irloom.core.types import Document, Query
from irloom.data.dataset import Dataset, Protocol
from irloom.data.folder import content_hash_of
from irloom.data.rows import documents_of, judgments_of, queries_of

_SHARD = re.compile(r"-\d+-of-\d+$")
_ROWS = 4096


class ParquetDataset(Dataset):
    """Parquet files: `corpus`, `queries` and `qrels`, each one file, several shards, or a folder of shards.

    The name of a file of judgments is its split (`qrels/test.parquet`, `qrels/train-00000-of-00001.parquet`); `qrels.parquet` alone is
    `test`. Columns may be called as BEIR calls them or as ir_datasets does; without a column of grades each judgment is of grade 1.

    Raises:
        DataError: there is no corpus.
    """

    def __init__(self, name: str, path: str | Path, *, protocol: Protocol | None = None, description: str = "") -> None:
        super().__init__(name, protocol=protocol, description=description)
        self.path = Path(path)
        self.corpus_paths = [self.path] if self.path.is_file() else _parts(self.path, "corpus")
        if not self.corpus_paths:
            raise DataError(f"{path} holds no corpus.parquet and no folder corpus with Parquet files")
        self.queries_paths = [] if self.path.is_file() else _parts(self.path, "queries")
        self.qrels_paths: Mapping[str, Sequence[Path]] = {} if self.path.is_file() else parquet_splits(self.path)
        self.description = description or f"Parquet files: {self.path}"

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(self.qrels_paths)

    def documents(self) -> Iterator[Document]:
        return chain.from_iterable(documents_of(path, _rows(path)) for path in self.corpus_paths)

    def all_queries(self) -> list[Query]:
        if not self.queries_paths:
            raise DataError(f"dataset {self.name!r} has no queries; {self.path} would need a queries.parquet with '_id' and 'text'")
        return queries_of(self.queries_paths[0].parent, chain.from_iterable(map(_rows, self.queries_paths)))

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        paths = self.qrels_paths[split]
        return judgments_of(paths[0], chain.from_iterable(map(_rows, paths)))

    @cached_property
    def fingerprint(self) -> str:
        return content_hash_of(self.corpus_paths)

    @cached_property
    def content_hash(self) -> str:
        return content_hash_of([*self.corpus_paths, *self.queries_paths, *chain.from_iterable(self.qrels_paths.values())])


def is_parquet_folder(folder: Path) -> bool:
    """Whether a folder has a corpus as `ParquetDataset` reads it; nothing is opened."""
    return bool(_parts(folder, "corpus"))


def parquet_splits(folder: Path) -> dict[str, list[Path]]:
    """The files of judgments by split; nothing is opened."""
    found: dict[str, list[Path]] = {}
    for path in _parts(folder, "qrels"):
        split = _SHARD.sub("", path.stem) if path.parent != folder else "test"
        found.setdefault(split, []).append(path)
    return found


def _parts(folder: Path, name: str) -> list[Path]:
    inner = sorted(path for path in (folder / name).glob("*.parquet") if not path.name.startswith("."))
    single = [path for path in sorted(folder.glob(f"{name}*.parquet")) if _SHARD.sub("", path.stem) == name]
    return inner or single


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    parquet = require("pyarrow.parquet", extra="data", purpose="reading Parquet")
    arrow = require("pyarrow", extra="data", purpose="reading Parquet")
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_ROWS):
                yield from batch.to_pylist()
    except FileNotFoundError:
        raise DataError(f"{path} does not exist") from None
    except (arrow.ArrowException, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no whole Parquet file ({str(error).strip()})") from None
