"""`irds:<id>`: a dataset of ir_datasets, under the id that it has there."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from irloom.core.errors import DataError
from irloom.core.files import short_hash
from irloom.core.optional import require
from irloom.core.types import EMPTY, Document, MetaValue, Query
from irloom.data.dataset import Dataset, Protocol, hash_of_documents
from irloom.data.places import IRDS_PREFIX, OFFLINE, is_offline

_SPLIT = "test"
_DOCUMENT_FIELDS = frozenset({"doc_id", "title", "text"})


class IrdsDataset(Dataset):
    """Documents, queries and judgments as ir_datasets gives them; an id there has one set of judgments, whose split is `test` here.

    A document's `title` and `text` are taken where it has both, else its default text; plain further fields become metadata. A query's
    text is its default one, which for TREC topics is the title. ir_datasets fetches and checks files itself, into its own folder.

    Args:
        name: "irds:" and an id, such as "irds:beir/scifact/test".
        protocol: how it is evaluated; None for the default. Its split does not count.

    Raises:
        DataError: ir_datasets has no such id, or it has no documents.
        MissingExtra: the package `ir_datasets` is not installed.
    """

    def __init__(self, name: str, *, protocol: Protocol | None = None) -> None:
        super().__init__(name, protocol=protocol, description=f"{name.removeprefix(IRDS_PREFIX)} of ir_datasets")
        package = require("ir_datasets", extra="data", purpose="datasets of ir_datasets")
        try:
            self._data = package.load(name.removeprefix(IRDS_PREFIX))
        except KeyError:
            raise DataError(
                f"ir_datasets has no dataset {name.removeprefix(IRDS_PREFIX)!r}; its ids are at https://ir-datasets.com"
            ) from None
        if not self._data.has_docs():
            raise DataError(f"{name} has no documents; ids with documents are at https://ir-datasets.com")

    @property
    def splits(self) -> tuple[str, ...]:
        return (_SPLIT,) if self._data.has_qrels() else ()

    def documents(self) -> Iterator[Document]:
        for document in self._reading("docs_iter"):
            yield _document(document)

    def all_queries(self) -> list[Query]:
        if not self._data.has_queries():
            raise DataError(f"dataset {self.name!r} has no queries; try one of the ids under it at https://ir-datasets.com")
        return [Query(query.query_id, query.default_text()) for query in self._reading("queries_iter")]

    def _judgments(self, split: str) -> dict[str, dict[str, int]]:
        qrels: dict[str, dict[str, int]] = {}
        for judgment in self._reading("qrels_iter"):
            judged = qrels.setdefault(judgment.query_id, {})
            judged[judgment.doc_id] = max(int(judgment.relevance), judged.get(judgment.doc_id, int(judgment.relevance)))
        if not qrels:
            raise DataError(f"{self.name} holds no judgment")
        return qrels

    @cached_property
    def fingerprint(self) -> str:
        return hash_of_documents(self.documents())

    @cached_property
    def content_hash(self) -> str:
        judged = repr(sorted(self._judgments(_SPLIT).items())) if self.splits else ""
        return short_hash(self.fingerprint, repr(self.all_queries()) if self._data.has_queries() else "", judged, size=32)

    def _reading(self, method: str) -> Iterator[Any]:
        """What ir_datasets iterates over; what it cannot fetch becomes one clear error."""
        advice = f"; {OFFLINE} is set, and only what ir_datasets has fetched before can be read" if is_offline() else ""
        try:
            yield from getattr(self._data, method)()
        except (OSError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise DataError(f"{self.name} cannot be read by ir_datasets ({type(error).__name__}: {reason}){advice}") from None


def _document(document: Any) -> Document:
    fields = document._asdict()
    rest = {name: value for name, value in fields.items() if name not in _DOCUMENT_FIELDS}
    title, text = fields.get("title"), fields.get("text")
    if isinstance(title, str) and isinstance(text, str):
        return Document(document.doc_id, text, title, meta=_meta(rest))
    meta = _meta(rest) if isinstance(text, str) else EMPTY
    return Document(document.doc_id, document.default_text(), meta=meta)


def _meta(fields: dict[str, Any]) -> dict[str, MetaValue]:
    return {name: value for name, value in fields.items() if isinstance(value, str | int | float | bool)}
