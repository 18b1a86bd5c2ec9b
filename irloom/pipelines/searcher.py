"""The short way in: `irloom.open(path).search("text")` and `irloom.index(["a text", ...])`."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from irloom.core.errors import BadValue
from irloom.core.stage import Retriever
from irloom.core.types import Document, Filter, Query
from irloom.indexing.collection import Collection
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.build import bm25_request
from irloom.pipelines.target import open_target


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found: its id, its score, its title and its text."""

    id: str
    score: float
    title: str
    text: str


class Searcher:
    """A retriever with the texts of what it finds.

    Attributes:
        retriever: the stage that searches; compose more with `>>`.
        collection: the Corpus that it searches.
    """

    def __init__(self, retriever: Retriever, collection: Collection) -> None:
        self.retriever, self.collection = retriever, collection

    def search(self, text: str, *, k: int = 10, where: str | Filter | None = None) -> list[Hit]:
        """The best `k` documents for a text, best first.

        Args:
            text: what to look for.
            k: how many documents, 0 or more.
            where: only documents that this filter allows, such as `lang == "en"`.

        Raises:
            BadValue: `k` is negative, `text` is no text, or the filter compares a field with a value of another kind than it has.
            BadFilter: the filter's text cannot be read.
            UnknownName: no document has a field that the filter names.
        """
        if not isinstance(text, str):
            raise BadValue("text", text, "text")
        if where is not None and not isinstance(where, str | Filter):
            raise BadValue("where", where, "a filter, or its text")
        narrowed = Filter(where) if isinstance(where, str) else where
        ranking = self.retriever.retrieve([Query("query", text, where=narrowed)], k=k)["query"]
        documents = self.collection.fetch(ranking.doc_ids)
        return [Hit(document.id, score, document.title, document.text) for document, (_, score) in zip(documents, ranking, strict=True)]

    def __len__(self) -> int:
        return len(self.collection)


def open_searcher(path: str | Path, *, part: str | None = None) -> Searcher:
    """Opens a collection or a pipeline's YAML.

    Args:
        path: the collection's folder or the YAML.
        part: which part to search, where the collection has several.

    Raises:
        CollectionError: it cannot be opened.
        BadValue: a part was named for a YAML.
    """
    target = open_target(path, part=part)
    return Searcher(target.retriever, target.collection)


def index_texts(documents: Iterable[str | Document], path: str | Path | None = None, *, analyzer: str = "english") -> Searcher:
    """Indexes texts for BM25.

    Args:
        documents: texts, whose ids are then "0", "1", ..., or documents with ids of their own.
        path: the folder of the new collection; None for a temporary one that goes with the searcher.
        analyzer: the name of the text analysis.

    Raises:
        BadValue: an item is neither a text nor a document.
        DuplicateDocument: an id occurs twice.
        DataError: there is no document.
        CollectionError: there is a collection at `path`, or the folder holds other things.

    >>> searcher = index_texts(["the cat sat on the mat", "dogs chase cats", "stocks fell"])
    >>> [hit.id for hit in searcher.search("cat", k=2)]
    ['1', '0']
    """
    if isinstance(documents, str):
        raise BadValue("documents", documents, "a list of texts, not one text")
    if path is not None:
        _write(path, documents, analyzer)
        return open_searcher(path)
    folder = tempfile.mkdtemp(prefix="irloom-")
    try:
        _write(folder, documents, analyzer)
        searcher = open_searcher(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(searcher, _remove, folder, os.getpid())
    return searcher


def _write(path: str | Path, documents: Iterable[str | Document], analyzer: str) -> None:
    with CollectionWriter(path) as writer:
        writer.write_documents(_documents(documents), source={"dataset": "memory"})
        request = bm25_request(analyzer)
        writer.build(request.name, request.builder)
        writer.commit()


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a forked child has the searcher too, but the folder is its parent's
        shutil.rmtree(folder, ignore_errors=True)


def _documents(documents: Iterable[str | Document]) -> Iterable[Document]:
    for number, document in enumerate(documents):
        if not isinstance(document, str | Document):
            raise BadValue(f"documents[{number}]", document, "a text or a Document")
        yield Document(str(number), document) if isinstance(document, str) else document
