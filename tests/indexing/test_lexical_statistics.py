"""The counts over segments against plain counting."""

import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import Corrupt
from irloom.core.types import Document
from irloom.indexing import lexical_statistics
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.lexical_statistics import LexicalStatistics
from irloom.indexing.writer import CollectionWriter
from irloom.text.analyzer import Analyzer

BUILDERS = {"bm25": BM25Part(Analyzer.unicode())}
TEXTS = {"a": "fox dog fox", "b": "", "c": "dog", "d": "cat " * 200, "e": "fox cat", "f": "bird"}
TERMS = ["fox", "dog", "cat", "bird", "nowhere", "fox"]


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    """Three segments: all of the last one and the only document with "bird" are deleted."""
    documents = [Document(doc_id, text) for doc_id, text in TEXTS.items()]
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(documents[:2])
        writer.build("bm25", BUILDERS["bm25"])
        writer.add(documents[2:5], BUILDERS)
        writer.add(documents[5:], BUILDERS)
        writer.delete(["c", "f"])
        writer.commit()
    return Collection.open(tmp_path / "c")


def test_counts_of_what_is_left(collection: Collection) -> None:
    statistics = LexicalStatistics(collection.part("bm25").segments)
    left = [text.split() for doc_id, text in TEXTS.items() if doc_id not in "cf"]
    assert (statistics.documents, statistics.tokens) == (4, sum(map(len, left)))
    assert statistics.average_length == sum(map(len, left)) / 4
    found, rows = statistics.find(TERMS)
    df = Counter(term for tokens in left for term in set(tokens))
    assert rows.df[found].tolist() == [df[term] for term in TERMS]
    assert found[0] == found[5]
    assert rows.hashes[found].tolist() == [zlib.crc32(term.encode()) for term in TERMS]


def test_where_the_lists_lie(collection: Collection) -> None:
    statistics = LexicalStatistics(collection.part("bm25").segments)
    found, rows = statistics.find(TERMS)
    for term, row in zip(TERMS, found.tolist(), strict=True):
        for segment, index in enumerate(statistics.indexes):
            number = int(index.terms.find([term])[0])
            assert rows.numbers[row, segment] == number
            if number >= 0:
                first, size = index.find(np.array([number], np.int32))
                assert (rows.firsts[row, segment], rows.sizes[row, segment]) == (first[0], size[0])


def test_rows_that_are_known_stay_as_they_are(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    statistics = LexicalStatistics(collection.part("bm25").segments)
    expected = {term: int(rows.df[found[0]]) for term in TERMS for found, rows in [statistics.find([term])]}
    found, rows = statistics.find(TERMS)
    statistics.find([f"other{place}" for place in range(1000)])
    assert rows.df[found].tolist() == [expected[term] for term in TERMS]
    monkeypatch.setattr(lexical_statistics, "KNOWN", 0)
    for term in TERMS * 2:
        again, fresh = statistics.find([term])
        assert fresh.df[again].tolist() == [expected[term]]
    assert rows.df[found].tolist() == [expected[term] for term in TERMS]


def test_threads_agree(collection: Collection) -> None:
    statistics = LexicalStatistics(collection.part("bm25").segments)

    def df(place: int) -> int:
        found, rows = statistics.find([f"w{place}", TERMS[place % 4]])
        return int(rows.df[found[1]])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(df, range(400))) == [2, 1, 2, 0] * 100


def test_no_segments() -> None:
    statistics = LexicalStatistics(())
    assert (statistics.documents, statistics.tokens, statistics.average_length) == (0, 0, 1.0)
    found, rows = statistics.find(["fox"])
    assert rows.df[found].tolist() == [0]


def test_a_part_of_another_segment_is_refused(collection: Collection) -> None:
    first, *rest = collection.part("bm25").segments
    with pytest.raises(Corrupt, match="2 documents, expected 3"):
        LexicalStatistics([replace(first, documents=3), *rest])
