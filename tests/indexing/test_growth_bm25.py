"""BM25 over a collection that grows: the run of a collection built anew from the documents that are there, bit for bit."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.types import Document, Query
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.text.analyzer import Analyzer

BUILDERS = {"bm25": BM25Part(Analyzer.unicode())}
IDS = [*"abcdefghij", "10", "9", "a1", "ä", "ß", "\u4e2d", "\U0001f98a"]
WORDS = ["the", "of", "fox", "dog", "cat", "bird", "fish"]
QUERIES = [Query(str(place), text) for place, text in enumerate(["fox", "the dog", "of the of fish", "cat bird fox the nowhere", ""])]

Step = tuple[str, dict[str, str]]


def begin(path: Path, documents: Mapping[str, str]) -> None:
    with CollectionWriter(path) as writer:
        writer.write_documents(Document(doc_id, text) for doc_id, text in documents.items())
        writer.build("bm25", BUILDERS["bm25"])
        writer.commit()


def take(path: Path, step: Step, documents: dict[str, str]) -> None:
    """Changes the collection and the plain documents alike."""
    verb, texts = step
    with CollectionWriter(path) as writer:
        if verb == "add":
            new = {doc_id: text for doc_id, text in texts.items() if doc_id not in documents}
            if new:
                writer.add([Document(doc_id, text) for doc_id, text in new.items()], BUILDERS)
            documents |= new
        elif verb == "update":
            writer.update([Document(doc_id, text) for doc_id, text in texts.items()], BUILDERS)
            documents |= texts
        elif verb == "delete":
            writer.delete(list(texts), missing="ignore")
            for doc_id in texts:
                documents.pop(doc_id, None)
        else:
            writer.compact()
        writer.commit()


def bits(retriever: BM25, *, k: int) -> list[list[tuple[str, int]]]:
    """Each query's ids and the bits of their scores."""
    run = retriever.retrieve(QUERIES, k=k)
    return [list(zip(run[query.id].doc_ids, run[query.id].scores.view(np.int32).tolist(), strict=True)) for query in QUERIES]


def texts_of(ids: Sequence[str], least: int) -> st.SearchStrategy[dict[str, str]]:
    text = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)
    return st.dictionaries(st.sampled_from(ids), text, min_size=least, max_size=8)


STEPS = st.tuples(st.sampled_from(["add", "update", "delete", "compact"]), texts_of(IDS, 1))


@settings(max_examples=15)
@given(
    first=texts_of(IDS, 1), steps=st.lists(STEPS, max_size=6), k1=st.sampled_from([0.0, 0.9]), variant=st.sampled_from(["lucene", "bm25+"])
)
def test_any_changes_equal_a_rebuild(first: dict[str, str], steps: list[Step], k1: float, variant: str) -> None:
    documents = dict(first)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c"
        begin(path, first)
        for step in steps:
            take(path, step, documents)
        with Collection.open(path) as grown:
            found = [bits(BM25(grown, k1=k1, variant=variant), k=k) for k in (1, 3, 30)]
        if not documents:
            assert found == [[[] for _ in QUERIES]] * 3
            return
        begin(Path(folder) / "anew", documents)
        with Collection.open(Path(folder) / "anew") as anew:
            assert found == [bits(BM25(anew, k1=k1, variant=variant), k=k) for k in (1, 3, 30)]


def zipf_texts(documents: int, words: int, tokens: int, seed: int) -> list[str]:
    generator = np.random.default_rng(seed)
    drawn = np.minimum(generator.zipf(1.3, (documents, tokens)), words)
    kept = generator.integers(0, tokens + 1, documents)
    return [" ".join(f"w{word}" for word in row[:size]) for row, size in zip(drawn.tolist(), kept.tolist(), strict=True)]


SIZES = (30_000, 70_000, 1_000, 9_000)
"""Segments of several windows, of two chunks and of less than a window; in each the lists have other forms."""


@pytest.fixture(scope="module")
def grown_and_anew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collection, Collection]]:
    """Four segments, of which three have deleted documents, and the same built anew."""
    folder, total = tmp_path_factory.mktemp("growth"), sum(SIZES)
    texts = zipf_texts(total, 20_000, 10, seed=5)
    ids = [f"d{place}" for place in np.random.default_rng(6).permutation(total).tolist()]
    documents = [Document(doc_id, text) for doc_id, text in zip(ids, texts, strict=True)]
    ends = np.cumsum(SIZES).tolist()
    gone = np.flatnonzero(np.random.default_rng(7).random(ends[2]) < 0.2).tolist()
    with CollectionWriter(folder / "c") as writer:
        writer.write_documents(documents[: ends[0]])
        writer.build("bm25", BUILDERS["bm25"])
        for start, end in pairwise(ends):
            writer.add(documents[start:end], BUILDERS)
        writer.delete([ids[place] for place in gone])
        writer.commit()
    kept = set(range(total)).difference(gone)
    with CollectionWriter(folder / "anew") as writer:
        writer.write_documents(documents[place] for place in sorted(kept, reverse=True))
        writer.build("bm25", BUILDERS["bm25"])
        writer.commit()
    with Collection.open(folder / "c") as grown, Collection.open(folder / "anew") as anew:
        yield grown, anew


@pytest.fixture(scope="module")
def token_lists() -> list[list[str]]:
    generator = np.random.default_rng(4)
    return [[f"w{word}" for word in np.minimum(generator.zipf(1.2, size), 20_001)] for size in generator.integers(0, 14, 60)]


def named(retriever: BM25, token_lists: list[list[str]], *, k: int) -> list[list[tuple[str, int]]]:
    hits = retriever.search(token_lists, k=k)
    counts = (hits.positions >= 0).sum(axis=1).tolist()
    rows = zip(hits.positions, hits.scores, counts, strict=True)
    return [
        list(zip(retriever.part.ids.ids(positions[:count]), scores[:count].view(np.int32).tolist(), strict=True))
        for positions, scores, count in rows
    ]


@pytest.mark.parametrize("variant", ["lucene", "bm25l"])
@pytest.mark.parametrize("k", [1, 10, 1000, sum(SIZES)])
def test_large_segments_equal_a_rebuild(
    grown_and_anew: tuple[Collection, Collection], token_lists: list[list[str]], variant: str, k: int
) -> None:
    few = token_lists if k <= 1000 else token_lists[:9]
    grown, anew = (named(BM25(collection, variant=variant), few, k=k) for collection in grown_and_anew)
    assert grown == anew
    assert any(len(row) == k for row in grown) or k > 1000


def test_the_counts_are_those_of_the_documents_that_are_left(grown_and_anew: tuple[Collection, Collection]) -> None:
    grown, anew = (BM25(collection).statistics for collection in grown_and_anew)
    terms = [f"w{place}" for place in range(1, 200)]
    for name in ("documents", "tokens", "average_length"):
        assert getattr(grown, name) == getattr(anew, name)
    (rows, table), (other_rows, other) = grown.find(terms), anew.find(terms)
    np.testing.assert_array_equal(table.df[rows], other.df[other_rows])


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.001, 0.0])
@pytest.mark.parametrize("threads", [1, 3])
def test_allowed_documents_are_cut_out_of_the_whole(
    grown_and_anew: tuple[Collection, Collection], token_lists: list[list[str]], share: float, threads: int
) -> None:
    part = grown_and_anew[0].part("bm25")
    retriever, live = BM25(grown_and_anew[0], threads=threads), part.live
    assert live is not None
    allowed = live & (np.random.default_rng(8).random(part.total) < share)
    whole = retriever.search(token_lists, k=part.total)
    for k in (1, 10, 200):
        cut = retriever.search(token_lists, k=k, allowed=allowed)
        for row in range(len(token_lists)):
            wanted = np.flatnonzero((whole.positions[row] >= 0) & allowed[whole.positions[row]])[:k]
            np.testing.assert_array_equal(cut.positions[row, : len(wanted)], whole.positions[row, wanted])
            np.testing.assert_array_equal(cut.scores[row, : len(wanted)], whole.scores[row, wanted])
            assert (cut.positions[row, len(wanted) :] == -1).all()


def test_terms_are_remembered_up_to_a_bound(
    grown_and_anew: tuple[Collection, Collection], token_lists: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    retriever = BM25(grown_and_anew[0])
    expected = named(retriever, token_lists, k=5)
    monkeypatch.setattr("irloom.indexing.lexical_statistics.KNOWN", 20)
    assert [named(retriever, [tokens], k=5)[0] for tokens in token_lists] == expected


def test_adding_nothing_known_changes_nothing_but_the_counts(tmp_path: Path) -> None:
    begin(tmp_path / "c", {"a": "fox", "b": "fox dog"})
    take(tmp_path / "c", ("add", {"c": "cat", "d": ""}), {})
    found = BM25(Collection.open(tmp_path / "c")).retrieve([Query("q", "fox")], k=9)["q"]
    assert list(found.doc_ids) == ["a", "b"]


@pytest.mark.parametrize("compacted", [False, True])
def test_nothing_left(tmp_path: Path, compacted: bool) -> None:
    documents = {"a": "fox", "b": "dog"}
    begin(tmp_path / "c", documents)
    take(tmp_path / "c", ("delete", dict(documents)), documents)
    if compacted:
        take(tmp_path / "c", ("compact", {}), documents)
    with Collection.open(tmp_path / "c") as collection:
        assert len(collection.segments) == (0 if compacted else 1)
        retriever = BM25(collection, threads=2)
        retriever.warm_up()
        assert bits(retriever, k=3) == [[] for _ in QUERIES]
    take(tmp_path / "c", ("add", {"c": "fox fox"}), documents)
    with Collection.open(tmp_path / "c") as collection:
        assert [len(row) for row in bits(BM25(collection), k=3)] == [1, 0, 0, 1, 0]
