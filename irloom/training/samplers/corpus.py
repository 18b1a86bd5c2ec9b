"""A collection to train on: queries, what is relevant to them, what BM25 finds instead, and all texts as tokens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from irloom.core.files import Progress, no_progress
from irloom.data.dataset import Dataset
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.text.analyzer import Analyzer

PART = "bm25"


@dataclass(frozen=True, slots=True)
class Words:
    """The tokens of a text's first words.

    Attributes:
        ids: token ids.
        ends: how many of them the first 0, 1, 2 ... words have.
    """

    ids: tuple[int, ...]
    ends: tuple[int, ...]

    def first(self, words: int, *, most: int) -> list[int]:
        """The tokens of so many words, at most `most`."""
        return list(self.ids[: min(self.ends[min(words, len(self.ends) - 1)], most)])


@dataclass(frozen=True, slots=True)
class TrainingCorpus:
    """Queries of one collection with candidates.

    Attributes:
        name: the dataset's.
        queries: token ids by query id.
        relevant: relevant documents by query id, in the order of the judgments.
        candidates: what BM25 finds by query id, best first.
        documents: the documents that occur in these, by id.
        asked: the queries by the documents that are relevant to them.
    """

    name: str
    queries: Mapping[str, tuple[int, ...]]
    relevant: Mapping[str, tuple[str, ...]]
    candidates: Mapping[str, tuple[str, ...]]
    documents: Mapping[str, Words]
    asked: Mapping[str, tuple[str, ...]]

    def without(self, queries: set[str]) -> "TrainingCorpus":
        """The same without some queries; their documents stay as candidates of others."""
        kept = {query: ids for query, ids in self.queries.items() if query not in queries}
        asked = {document: tuple(query for query in asking if query in kept) for document, asking in self.asked.items()}
        return TrainingCorpus(self.name, kept, self.relevant, self.candidates, self.documents, asked)


@dataclass(frozen=True, slots=True)
class Texts:
    """Queries, judgments, candidates and documents of one collection before they are tokens; the fields are TrainingCorpus's."""

    name: str
    queries: Mapping[str, str]
    relevant: Mapping[str, tuple[str, ...]]
    candidates: Mapping[str, tuple[str, ...]]
    documents: Mapping[str, str]

    def tokens(self, encode: Callable[[Sequence[str]], list[list[int]]], *, words: int, query_tokens: int) -> TrainingCorpus:
        """The collection in tokens.

        Args:
            encode: token ids of texts.
            words: words that are kept of a document.
            query_tokens: tokens that are kept of a query.
        """
        queries = {
            query: tuple(ids[:query_tokens]) for query, ids in zip(self.queries, encode(list(self.queries.values())), strict=True) if ids
        }
        documents = {name: _words(encode(text.split()[:words])) for name, text in self.documents.items()}
        asked: dict[str, list[str]] = {}
        for query in queries:
            for document in self.relevant[query]:
                asked.setdefault(document, []).append(query)
        return TrainingCorpus(
            self.name, queries, self.relevant, self.candidates, documents, {name: tuple(asking) for name, asking in asked.items()}
        )


def read_texts(dataset: Dataset, work: Path, *, split: str, depth: int, forbidden: set[str], progress: Progress = no_progress) -> Texts:
    """Queries with candidates of BM25.

    Args:
        dataset: its judged queries are trained on.
        work: a folder for the collection; what is there is used.
        split: whose judgments are used.
        depth: candidates of a query.
        forbidden: texts of queries that must not be trained on.
        progress: called while the collection is made.

    Raises:
        DataError: the dataset cannot be read.
        UnknownName: it has no such split.
    """
    qrels = dataset.qrels(split)
    queries = [query for query in dataset.queries(split) if query.text not in forbidden]
    analyzer = Analyzer.code()
    with CollectionWriter(work, progress=progress) as writer:
        if writer.manifest.generation == 0:
            writer.write_documents(dataset.documents(), source={"dataset": dataset.name, "fingerprint": dataset.fingerprint})
            writer.build(PART, BM25Part(analyzer))
            writer.commit()
    with Collection.open(work) as collection:
        run = BM25(collection, part=PART).retrieve(queries, k=depth)
        relevant = {query.id: tuple(name for name, grade in qrels[query.id].items() if grade > 0) for query in queries}
        absent = set(collection.missing([name for names in relevant.values() for name in names]))
        relevant = {query: kept for query, names in relevant.items() if (kept := tuple(name for name in names if name not in absent))}
        candidates = {query: tuple(run[query].doc_ids) for query in relevant}
        wanted = sorted({name for names in (*relevant.values(), *candidates.values()) for name in names})
        documents = {document.id: document.text for document in collection.fetch(wanted)}
    texts = {query.id: query.text for query in queries if query.id in relevant}
    return Texts(dataset.name, texts, relevant, candidates, documents)


def _words(pieces: Sequence[Sequence[int]]) -> Words:
    ids: list[int] = []
    ends = [0]
    for piece in pieces:
        ids += piece
        ends.append(len(ids))
    return Words(tuple(ids), tuple(ends))
