"""Dataset: documents, queries, judgments by split, and the protocol that a name carries."""

import hashlib
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from irloom.core.errors import DataError, UnknownName
from irloom.core.files import short_hash
from irloom.core.types import Document, Query

_FIRST_CHOICES = ("test", "dev", "validation")


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a dataset is evaluated where its publishers or common use say so.

    Attributes:
        split: whose judgments count where none is named.
        remove_self_hits: whether a document whose id is the query's is taken out of the ranking.
        min_grade: the least grade that counts as relevant for measures without grades.
    """

    split: str = "test"
    remove_self_hits: bool = False
    min_grade: int = 1


class Dataset(ABC):
    """Documents to search, and perhaps queries with judgments.

    Attributes:
        name: what it was asked for by, or the folder's name.
        description: one line for people.
        splits: the names of its sets of judgments; none where there are only documents or no judgments.
    """

    def __init__(self, name: str, *, protocol: Protocol | None = None, description: str = "") -> None:
        self.name, self.description = name, description
        self._protocol = protocol

    @property
    @abstractmethod
    def splits(self) -> tuple[str, ...]: ...

    @abstractmethod
    def documents(self) -> Iterator[Document]:
        """Streams the documents; each call starts again.

        Raises:
            DataError: they cannot be read; the text names the file and the line.
        """

    @abstractmethod
    def all_queries(self) -> list[Query]:
        """The queries of every split, and those that no split judges.

        Raises:
            DataError: they cannot be read, or there are none.
        """

    @abstractmethod
    def _judgments(self, split: str) -> dict[str, dict[str, int]]: ...

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """A hash of the documents' content in hex; queries and judgments do not change it."""

    @property
    @abstractmethod
    def content_hash(self) -> str:
        """A hash of documents, queries and judgments in hex."""

    @cached_property
    def protocol(self) -> Protocol:
        """The name's protocol. Where the name has none, the default one with the split that is there: test, dev, or the first."""
        protocol = self._protocol or Protocol()
        if protocol.split in self.splits or not self.splits:
            return protocol
        return replace(protocol, split=next((split for split in _FIRST_CHOICES if split in self.splits), self.splits[0]))

    def qrels(self, split: str | None = None) -> dict[str, dict[str, int]]:
        """Grades by query id, then document id.

        Args:
            split: one of `splits`; None for the protocol's.

        Raises:
            UnknownName: there is no such split.
            DataError: the dataset has no judgments, or they cannot be read.
        """
        if not self.splits:
            raise DataError(f"dataset {self.name!r} has no judgments; a folder with qrels/test.tsv can be evaluated")
        split = split or self.protocol.split
        if split not in self.splits:
            raise UnknownName("split", split, self.splits, where=f"dataset {self.name!r}")
        return self._judgments(split)

    def queries(self, split: str | None = None) -> list[Query]:
        """The queries that are judged in a split, in the order of their file; all queries where nothing is judged.

        Queries that are judged but have no text are left out with a warning that counts them.

        Args:
            split: one of `splits`; None for the protocol's.

        Raises:
            UnknownName: there is no such split.
            DataError: the dataset has no queries, or they cannot be read.
        """
        if not self.splits and split is None:
            return self.all_queries()
        judged = self.qrels(split)
        queries = [query for query in self.all_queries() if query.id in judged]
        missing = len(judged) - len(queries)
        if missing:
            found = {query.id for query in queries}
            example = next(query_id for query_id in judged if query_id not in found)
            problem = f"{missing} of {len(judged)} judged queries have no text, such as {example!r}"
            warnings.warn(f"dataset {self.name!r}: {problem}", UserWarning, stacklevel=2)
        return queries


def hash_of_documents(documents: Iterable[Document]) -> str:
    """A hash in hex of ids, titles, texts and metadata, in their order; the documents are streamed."""
    digest = hashlib.sha256()
    for document in documents:
        for part in (document.id, document.title, document.text, repr(sorted(document.meta.items())) if document.meta else ""):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


class MemoryDataset(Dataset):
    """A dataset of records that are in memory already."""

    def __init__(
        self,
        name: str,
        documents: list[Document],
        *,
        queries: list[Query] | None = None,
        qrels: dict[str, dict[str, dict[str, int]]] | None = None,
        protocol: Protocol | None = None,
        description: str = "",
    ) -> None:
        """`qrels` are judgments by split, query id, and document id."""
        super().__init__(name, protocol=protocol, description=description)
        self._documents, self._queries, self._qrels = documents, queries or [], qrels or {}

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(sorted(self._qrels))

    def documents(self) -> Iterator[Document]:
        return iter(self._documents)

    def all_queries(self) -> list[Query]:
        if not self._queries:
            raise DataError(f"dataset {self.name!r} has no queries")
        return list(self._queries)

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        return {query_id: dict(judged) for query_id, judged in self._qrels[split].items()}

    @cached_property
    def fingerprint(self) -> str:
        return hash_of_documents(self._documents)

    @cached_property
    def content_hash(self) -> str:
        return short_hash(self.fingerprint, repr(self._queries), repr(sorted(self._qrels.items())))
