"""with_texts: the heads of rankings with their documents, some at a time, so that few texts are held together."""

from collections.abc import Iterator, Sequence

from irloom.core.contracts import Corpus
from irloom.core.types import Document, Query
from irloom.rerankers.head import Head

PAIRS = 8192
"""Pairs of query and document whose texts are held together."""


def with_texts(heads: Sequence[Head], corpus: Corpus) -> Iterator[list[tuple[Query, list[Document]]]]:
    """The heads in order, in portions of about `PAIRS` pairs, each with its documents; a document is fetched once a portion.

    Raises:
        UnknownDocument: the corpus lacks a document.
    """
    for some in _portions(heads):
        wanted = list(dict.fromkeys(doc_id for _, doc_ids in some for doc_id in doc_ids))
        texts = dict(zip(wanted, corpus.fetch(wanted), strict=True))
        yield [(query, [texts[doc_id] for doc_id in doc_ids]) for query, doc_ids in some]


def _portions(heads: Sequence[Head]) -> Iterator[list[Head]]:
    some: list[Head] = []
    pairs = 0
    for head in heads:
        some.append(head)
        pairs += len(head[1])
        if pairs >= PAIRS:
            yield some
            some, pairs = [], 0
    if some:
        yield some
