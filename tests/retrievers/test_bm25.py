"""BM25 against worked values, brute force and itself."""

import math
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, SpaceMismatch, UnknownName
from irloom.core.types import Document, Filter, Query
from irloom.indexing.bm25_part import BM25Part
from irloom.indexing.collection import Collection
from irloom.indexing.writer import CollectionWriter
from irloom.retrievers.bm25 import BM25
from irloom.text.analyzer import Analyzer


def make(folder: Path, texts: Sequence[str], analyzer: Analyzer | None = None) -> Collection:
    with CollectionWriter(folder) as writer:
        writer.write_documents(Document(f"d{place}", text) for place, text in enumerate(texts))
        writer.build("bm25", BM25Part(analyzer or Analyzer.unicode()))
        writer.commit()
    return Collection.open(folder)


def brute(texts: Sequence[str], query: Sequence[str], k1: float = 0.9, b: float = 0.4) -> dict[str, float]:
    """The definition, document by document, in double precision."""
    documents = [Counter(text.split()) for text in texts]
    lengths = [sum(document.values()) for document in documents]
    average = sum(lengths) / len(lengths) if sum(lengths) else 1.0
    scores = {}
    for place, document in enumerate(documents):
        score = 0.0
        for term in query:
            if document[term]:
                df = sum(term in other for other in documents)
                idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
                score += idf * document[term] / (document[term] + k1 * (1 - b + b * lengths[place] / average))
        if score > 0:
            scores[f"d{place}"] = score
    return scores


DOCUMENTS = 80_000


def zipf_texts(documents: int, words: int, tokens: int, seed: int) -> list[str]:
    generator = np.random.default_rng(seed)
    drawn = np.minimum(generator.zipf(1.3, (documents, tokens)), words)
    kept = generator.integers(0, tokens + 1, documents)
    return [" ".join(f"w{word}" for word in row[:size]) for row, size in zip(drawn.tolist(), kept.tolist(), strict=True)]


def test_worked_value(tmp_path: Path) -> None:
    # N 10000, df 50, tf 2, dl 100, average 120: ln(1 + 9950.5 / 50.5) * 2 / (2 + 0.9 * (0.6 + 0.4 * 100 / 120)) = 3.724273
    texts = ["x x " + "y " * 98] + ["x " + "y " * 99] * 49 + ["y " * 100] * 4950 + ["y " * 140] * 5000
    collection = make(tmp_path / "c", texts)
    found = BM25(collection).retrieve([Query("q", "x")], k=1)["q"]
    assert list(found.doc_ids) == ["d0"]
    assert found.scores[0] == pytest.approx(3.724273, abs=1e-6)
    assert BM25(collection, variant="lucene").retrieve([Query("q", "x")], k=1)["q"].scores[0] == found.scores[0]
    # with the factor k1 + 1 and Lucene's idf it would be 7.076118; ATIRE's idf is ln(10000 / 50)
    atire = BM25(collection, variant="atire").retrieve([Query("q", "x")], k=1)["q"].scores[0]
    assert atire == pytest.approx(7.076118 * math.log(200) / math.log(1 + 9950.5 / 50.5), abs=2e-6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=40).map(" ".join), min_size=1, max_size=70),
    queries=st.lists(st.lists(st.sampled_from("abcdefghz"), max_size=9), min_size=1, max_size=4),
    k1=st.sampled_from([0.0, 0.9, 2.0]),
    b=st.sampled_from([0.0, 0.4, 1.0]),
)
def test_brute_force(tmp_path_factory: pytest.TempPathFactory, texts: list[str], queries: list[list[str]], k1: float, b: float) -> None:
    retriever = BM25(make(tmp_path_factory.mktemp("c") / "c", texts), k1=k1, b=b)
    asked = [Query(str(row), " ".join(terms)) for row, terms in enumerate(queries)]
    whole = retriever.retrieve(asked, k=len(texts) + 3)
    for query, terms in zip(asked, queries, strict=True):
        expected = brute(texts, terms, k1, b)
        ranking = dict(whole[query.id])
        assert ranking.keys() == expected.keys()
        assert all(ranking[doc_id] == pytest.approx(score, rel=2e-6) for doc_id, score in expected.items())
        assert list(ranking) == [doc_id for _, doc_id in sorted(((score, doc_id) for doc_id, score in ranking.items()), reverse=True)]
        for k in (1, 2, 7):
            assert list(retriever.retrieve([query], k=k)[query.id]) == list(whole[query.id])[:k]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Several windows and two chunks, with lists of each form."""
    return make(tmp_path_factory.mktemp("c") / "c", zipf_texts(DOCUMENTS, 20_000, 12, seed=3))


@pytest.fixture(scope="module")
def large(collection: Collection) -> BM25:
    return BM25(collection)


@pytest.fixture(scope="module")
def token_lists() -> list[list[str]]:
    generator = np.random.default_rng(4)
    return [[f"w{word}" for word in np.minimum(generator.zipf(1.2, size), 20_001)] for size in generator.integers(0, 14, 100)]


def test_lists_of_each_form(large: BM25) -> None:
    (index,) = large.statistics.indexes
    bitmaps, chunked = index.lists.counts[:2].tolist()
    assert 0 < bitmaps < bitmaps + chunked < len(index.terms)


def test_pruned_equals_whole(large: BM25, token_lists: list[list[str]]) -> None:
    whole = large.search(token_lists, k=DOCUMENTS)
    for k in (1, 10, 100, 1000):
        cut = large.search(token_lists, k=k)
        np.testing.assert_array_equal(cut.positions, whole.positions[:, :k])
        np.testing.assert_array_equal(cut.scores, whole.scores[:, :k])


@pytest.mark.parametrize("variant", ["robertson", "atire", "bm25l", "bm25+"])
def test_pruned_equals_whole_in_each_variant(collection: Collection, token_lists: list[list[str]], variant: str) -> None:
    retriever = BM25(collection, variant=variant, k1=1.3, b=0.7)
    whole, cut = retriever.search(token_lists, k=DOCUMENTS), retriever.search(token_lists, k=20)
    np.testing.assert_array_equal(cut.positions, whole.positions[:, :20])
    np.testing.assert_array_equal(cut.scores, whole.scores[:, :20])


def test_order_is_score_then_id_descending(large: BM25, token_lists: list[list[str]]) -> None:
    hits = large.search(token_lists, k=500)
    for positions, scores in zip(hits.positions, hits.scores, strict=True):
        count = int((positions >= 0).sum())
        ids = large.part.ids.ids(positions[:count])
        assert list(zip(scores[:count].tolist(), ids, strict=True)) == sorted(zip(scores[:count].tolist(), ids, strict=True), reverse=True)


def test_many_ties(tmp_path: Path) -> None:
    retriever = BM25(make(tmp_path / "c", ["same words"] * 5_000 + ["same words here"] * 200))
    found = retriever.retrieve([Query("q", "same")], k=7)["q"]
    assert list(found.doc_ids) == sorted((f"d{place}" for place in range(5_000)), reverse=True)[:7]


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_and_batches_give_the_same_bits(collection: Collection, large: BM25, token_lists: list[list[str]], threads: int) -> None:
    together = large.search(token_lists, k=50)
    threaded = BM25(collection, threads=threads).search(token_lists, k=50)
    np.testing.assert_array_equal(threaded.positions, together.positions)
    np.testing.assert_array_equal(threaded.scores.view(np.int32), together.scores.view(np.int32))
    for row in range(0, len(token_lists), 17):
        alone = large.search(token_lists[row : row + 1], k=50)
        np.testing.assert_array_equal(alone.positions[0], together.positions[row])
        np.testing.assert_array_equal(alone.scores[0].view(np.int32), together.scores[row].view(np.int32))


def test_eight_threads_on_one_fresh_stage_agree(collection: Collection, large: BM25, token_lists: list[list[str]]) -> None:
    expected = large.search(token_lists, k=20)
    fresh = BM25(collection)
    with ThreadPoolExecutor(8) as pool:
        for hits in pool.map(lambda _: fresh.search(token_lists, k=20), range(8)):
            np.testing.assert_array_equal(hits.positions, expected.positions)
            np.testing.assert_array_equal(hits.scores, expected.scores)


def test_order_of_query_terms_does_not_matter(large: BM25) -> None:
    one, other = large.search([["w1", "w9", "w2", "w9"], ["w9", "w2", "w9", "w1"]], k=30).scores
    np.testing.assert_array_equal(one, other)


def test_repeated_terms_weigh_by_count(tmp_path: Path) -> None:
    retriever = BM25(make(tmp_path / "c", ["a b", "b c", "c a a"]))
    once, thrice = retriever.search([["a"], ["a"] * 3], k=2).scores
    np.testing.assert_allclose(thrice, 3 * once, rtol=1e-6)


def test_large_tf_is_exact(tmp_path: Path) -> None:
    texts = ["a " * size for size in (1, 14, 15, 16, 62, 63, 64, 255, 300, 70_000)] + ["b " * 80 + "a "] * 40
    retriever = BM25(make(tmp_path / "c", texts), b=0.0)
    for word in "ab":
        found = dict(retriever.retrieve([Query("q", word)], k=100)["q"])
        assert found == pytest.approx(brute(texts, [word], b=0.0), rel=2e-6)


def test_edges_of_k_and_queries(large: BM25) -> None:
    queries = [Query("empty", ""), Query("unknown", "nowhere"), Query("known", "w1 nowhere")]
    run = large.retrieve(queries, k=3)
    assert [len(run[query.id]) for query in queries] == [0, 0, 3]
    assert [len(ranking) for ranking in large.retrieve(queries, k=0).values()] == [0, 0, 0]
    assert len(large.retrieve([], k=3)) == 0
    assert large.search([], k=3).positions.shape == (0, 3)
    with pytest.raises(BadValue, match="k is -1"):
        large.retrieve(queries, k=-1)
    with pytest.raises(BadValue, match="one bool for each of 80000 positions"):
        large.search([["w1"]], k=1, allowed=np.ones(3, np.bool_))
    with pytest.raises(BadValue, match="occur once"):
        large.retrieve([queries[0], queries[0]], k=1)


def test_queries_with_filters_among_others(tmp_path: Path) -> None:
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(Document(f"d{place:02d}", "fox " * (place + 1) + "dog", meta={"year": place}) for place in range(40))
        writer.build("bm25", BM25Part(Analyzer.unicode()))
        writer.commit()
    retriever = BM25(Collection.open(tmp_path / "c"))
    texts = ["fox", "dog fox", "nowhere"]
    filters = [None, Filter("year >= 30"), Filter("year == 7"), None, Filter("year < 0")]
    queries = [Query(f"{row} {text}", text, where=where) for row, where in enumerate(filters) for text in texts]
    run, whole = retriever.retrieve(queries, k=40), retriever.retrieve([Query(text, text) for text in texts], k=40)
    kept = [range(40), range(30, 40), [7], range(40), []]
    for query in queries:
        row = int(query.id.split()[0])
        allowed = {f"d{place:02d}" for place in kept[row]}
        assert list(run[query.id]) == [(doc_id, score) for doc_id, score in whole[query.text] if doc_id in allowed]
        assert list(retriever.retrieve([query], k=3)[query.id]) == list(run[query.id])[:3]
    with pytest.raises(UnknownName, match="Did you mean 'year'"):
        retriever.retrieve([Query("q", "fox", where=Filter("yaer == 1"))], k=1)


def test_a_very_long_query(large: BM25) -> None:
    text = " ".join(f"w{place % 4_000}" for place in range(20_000))
    assert len(text) > 100_000
    run = large.retrieve([Query("long", text)], k=10)
    whole = large.retrieve([Query("long", text)], k=DOCUMENTS)
    assert list(run["long"]) == list(whole["long"])[:10]


def test_empty_documents(tmp_path: Path) -> None:
    assert len(BM25(make(tmp_path / "c", ["", " ", "..."])).retrieve([Query("q", "a")], k=5)["q"]) == 0
    found = BM25(make(tmp_path / "d", ["", "a", ""])).retrieve([Query("q", "a")], k=5)["q"]
    assert list(found.doc_ids) == ["d1"]


def test_title_and_text(tmp_path: Path) -> None:
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents([Document("1", "running dogs", title="The Fox"), Document("2", "fox")])
        writer.build("bm25", BM25Part(Analyzer.english()))
        writer.commit()
    run = BM25(Collection.open(tmp_path / "c")).retrieve([Query("q", "fox run")], k=5)
    assert list(run["q"].doc_ids) == ["1", "2"]


def test_bad_arguments(collection: Collection) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'lucene'"):
        BM25(collection, variant="lucena")
    for arguments in ({"k1": -0.1}, {"b": 1.1}, {"delta": -1.0}, {"threads": 0}, {"k1": math.nan}, {"b": math.nan}):
        with pytest.raises(BadValue):
            BM25(collection, **arguments)


def test_another_analysis_is_refused(collection: Collection) -> None:
    retriever = BM25(collection)
    retriever.part = replace(retriever.part, space="bm25/other")
    with pytest.raises(SpaceMismatch):
        retriever.retrieve([Query("q", "w1")], k=1)


def test_fingerprint_follows_the_parameters(collection: Collection) -> None:
    assert BM25(collection).fingerprint == BM25(collection, k1=0.9).fingerprint
    assert len({BM25(collection, k1=k1, variant=variant).fingerprint for k1 in (0.9, 1.2) for variant in ("lucene", "bm25+")}) == 4


def test_a_delta_where_the_variant_has_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match=r"delta is 0\.5; expected None for the variant 'lucene'"):
        BM25(make(tmp_path / "c", ["fox"]), variant="lucene", delta=0.5)
