"""A named collection: the files of a folder under the name's protocol, with what it ought to hold beside what it holds."""

import warnings
from collections.abc import Iterator
from pathlib import Path

from irloom.core.files import Progress, no_progress
from irloom.core.types import Document, Query
from irloom.data.dataset import Dataset
from irloom.data.entry import Counts, Entry

_STEP = 10_000


class NamedDataset(Dataset):
    """A dataset of the catalogue. Where it holds another number of documents, queries or judgments than expected, a warning says so.

    Documents are counted when they are streamed to their end, queries and judgments of the protocol's split when they are read.

    Attributes:
        entry: what the catalogue says of it.
        path: its folder.
        inner: the dataset of the folder, which is not compared with anything.
    """

    def __init__(self, entry: Entry, path: Path, inner: Dataset) -> None:
        super().__init__(entry.name, protocol=entry.protocol, description=f"{entry.name}, in {path}; licence: {entry.licence}")
        self.entry, self.path, self.inner = entry, path, inner
        self._said: set[str] = set()

    @property
    def splits(self) -> tuple[str, ...]:
        return self.inner.splits

    def documents(self) -> Iterator[Document]:
        count = 0
        for document in self.inner.documents():
            count += 1
            yield document
        self._compare("documents", count, self.entry.counts.documents)

    def all_queries(self) -> list[Query]:
        return self.inner.all_queries()

    def queries(self, split: str | None = None) -> list[Query]:
        queries = super().queries(split)
        if split in (None, self.protocol.split):
            self._compare("queries", len(queries), self.entry.counts.queries)
        return queries

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        qrels = self.inner.qrels(split)
        if split == self.protocol.split:
            self._compare("judgments", sum(map(len, qrels.values())), self.entry.counts.judgments)
        return qrels

    @property
    def fingerprint(self) -> str:
        return self.inner.fingerprint

    @property
    def content_hash(self) -> str:
        return self.inner.content_hash

    def _compare(self, what: str, found: int, expected: int) -> None:
        if expected and found != expected and what not in self._said:
            self._said.add(what)
            problem = f"{found:,} {what}, expected {expected:,}; figures from {self.path} are not those of the whole collection"
            warnings.warn(f"dataset {self.name!r}: {problem}", UserWarning, stacklevel=4)


def count(dataset: Dataset, *, progress: Progress = no_progress) -> Counts:
    """The documents, and the queries and judgments of the protocol's split, read to their end; nothing is said of them.

    Args:
        dataset: what is counted.
        progress: called with the documents so far.
    """
    dataset = dataset.inner if isinstance(dataset, NamedDataset) else dataset
    qrels = dataset.qrels() if dataset.splits else {}
    queries = sum(1 for query in dataset.all_queries() if query.id in qrels) if qrels else 0
    documents = 0
    for documents, _ in enumerate(dataset.documents(), 1):
        if documents % _STEP == 0:
            progress(f"{dataset.name} counted", documents, 0)
    return Counts(documents, queries, sum(map(len, qrels.values())))


def difference(found: Counts, expected: Counts) -> str:
    """What is not as expected, for people; "" where all is."""
    pairs = (
        ("documents", found.documents, expected.documents),
        ("queries", found.queries, expected.queries),
        ("judgments", found.judgments, expected.judgments),
    )
    return ", ".join(f"{have:,} {what}, expected {want:,}" for what, have, want in pairs if want and have != want)
