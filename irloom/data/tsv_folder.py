"""Folders of tables as MS MARCO and T2Ranking publish them: one collection, and queries and judgments in a file per split."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from irloom.core.errors import BadLine, DataError
from irloom.core.types import Document, Query
from irloom.data.corpus import read_corpus, read_queries
from irloom.data.dataset import Dataset, Protocol
from irloom.data.folder import content_hash_of
from irloom.data.lines import read_lines
from irloom.data.qrels import read_qrels

_COLLECTION = ("collection.tsv", "collection.tsv.gz")
_QRELS = re.compile(r"qrels\.(?P<split>[\w.-]+?)\.tsv(\.gz)?|(?P<year>20\d\d)qrels-pass\.txt(\.gz)?")
_NAMES = frozenset({"qid", "query-id", "query_id"})


class TsvFolder(Dataset):
    """`collection.tsv`, `queries.<split>.tsv` and `qrels.<split>.tsv`, each plain or gzipped.

    `qrels.retrieval.dev.tsv` judges the queries of `queries.dev.tsv`; `2019qrels-pass.txt` those of `msmarco-test2019-queries.tsv`,
    and its split is called `trec-dl-2019`. Judgments have TREC's four columns, or two (query, document), each of grade 1; a line that
    names the columns may come first.

    Raises:
        DataError: there is no collection.
    """

    def __init__(self, name: str, path: str | Path, *, protocol: Protocol | None = None, description: str = "") -> None:
        super().__init__(name, protocol=protocol, description=description)
        self.path = Path(path)
        collection = _first(self.path, _COLLECTION)
        if collection is None:
            raise DataError(f"{path} holds no collection.tsv")
        self.corpus_path = collection
        self.files: Mapping[str, tuple[Path, Path]] = tsv_splits(self.path)
        self.description = description or f"a folder of tables: {self.path}"

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(self.files)

    def documents(self) -> Iterator[Document]:
        return read_corpus(self.corpus_path)

    def all_queries(self) -> list[Query]:
        queries: dict[str, Query] = {}
        for path in dict.fromkeys(queries_path for queries_path, _ in self.files.values()):
            for query in read_queries(path):
                queries.setdefault(query.id, query)
        if not queries:
            raise DataError(f"dataset {self.name!r} has no queries; {self.path} would need queries.<split>.tsv and qrels.<split>.tsv")
        return list(queries.values())

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        return read_table_qrels(self.files[split][1])

    @cached_property
    def fingerprint(self) -> str:
        return content_hash_of([self.corpus_path])

    @cached_property
    def content_hash(self) -> str:
        return content_hash_of([self.corpus_path, *dict.fromkeys(path for pair in self.files.values() for path in pair)])


def tsv_splits(folder: Path) -> dict[str, tuple[Path, Path]]:
    """The files of queries and of judgments by split; splits without either are left out, and nothing is read."""
    found: dict[str, tuple[Path, Path]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = _QRELS.fullmatch(path.name)
        if match is None or not path.is_file():
            continue
        year, split = match["year"], match["split"] or f"trec-dl-{match['year']}"
        stem = f"msmarco-test{year}-queries.tsv" if year else f"queries.{split.removeprefix('retrieval.')}.tsv"
        queries = _first(folder, (stem, f"{stem}.gz"))
        if queries is not None:
            found.setdefault(split, (queries, path))
    return found


def is_tsv_folder(folder: Path) -> bool:
    """Whether a folder has a collection and at least one split as `TsvFolder` reads them."""
    return _first(folder, _COLLECTION) is not None and bool(tsv_splits(folder))


def read_table_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Grades by query id, then document id, of four columns as TREC has them or of two; a line that names the columns is left out.

    Raises:
        BadLine: another number of columns, a grade that is no whole number, a pair with two grades.
        DataError: the file cannot be read, or holds no judgment.
    """
    rows = read_lines(path)
    first = next(rows, None)
    if first is None:
        raise DataError(f"{path} holds no judgment")
    columns = first[1].split()
    named = columns[0].lower() in _NAMES
    if len(columns) not in (2, 4):
        raise BadLine(path, first[0], f"{len(columns)} columns; expected 4 (query, 0, document, grade) or 2 (query, document)")
    if not named and len(columns) == 4:
        return read_qrels(path)
    qrels: dict[str, dict[str, int]] = {}
    for number, line in rows if named else read_lines(path):
        fields = line.split()
        if len(fields) != len(columns):
            raise BadLine(path, number, f"{len(fields)} columns; expected {len(columns)}, as on the first line")
        query_id, doc_id, grade = fields[0], fields[-2] if len(fields) == 4 else fields[1], _grade(path, number, fields)
        if qrels.setdefault(query_id, {}).setdefault(doc_id, grade) != grade:
            raise BadLine(path, number, f"query {query_id!r}, document {doc_id!r}: grade {grade}, but an earlier line says otherwise")
    if not qrels:
        raise DataError(f"{path} holds no judgment")
    return qrels


def _grade(path: Path, number: int, fields: list[str]) -> int:
    if len(fields) == 2:
        return 1
    try:
        return int(fields[3])
    except ValueError:
        raise BadLine(path, number, f"grade {fields[3]!r} is not a whole number") from None


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)
