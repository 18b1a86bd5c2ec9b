"""Cached stages: the same answers, asked for once; never one of another model, document, query or k."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.core.config import Builder
from irloom.core.errors import BadValue, ModelError
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Reranker, Retriever
from irloom.core.types import Document, Query
from irloom.fusion.rrf import RRF
from irloom.indexing.collection import Collection
from irloom.models.encoders.dense import DenseEncoder
from irloom.models.scorers.cross_encoder import CrossEncoder
from irloom.pipelines import cached as cached_stages
from irloom.pipelines.cached import Cached, CachedReranker, CachedScorer
from irloom.rerankers.cross_encoder import CrossEncoderReranker
from irloom.retrievers.bm25 import BM25
from tests.contracts.stages import DOCUMENTS, QUERIES, write
from tests.fakes import ListCorpus, OverlapScorer
from tests.models.tiny import save_model
from tests.pipelines.turning import Turning


class Counting(Retriever):
    """A retriever that remembers what it was asked."""

    def __init__(self, inner: Retriever) -> None:
        self.inner, self.asked = inner, list[str]()
        self.name = ""

    @property
    def fingerprint(self) -> str:
        return self.inner.fingerprint + self.name

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        self.asked += [query.id for query in queries]
        return self.inner.retrieve(queries, k=k)


class CountingScorer:
    """A scorer that remembers what it scored."""

    def __init__(self) -> None:
        self.inner, self.asked = OverlapScorer(), list[tuple[str, str]]()
        self.fingerprint = "overlap"

    def warm_up(self) -> None:
        pass

    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]:
        self.asked += [(query.id, document.id) for query, documents in groups for document in documents]
        return self.inner.score(groups)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return write(tmp_path / "c")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(ranking) for query, ranking in run.items()}


def test_a_query_is_asked_once_for_each_k(collection: Collection, cache: Path) -> None:
    inner = Counting(BM25(collection))
    cached = Cached(inner, path=cache)
    expected = rows(BM25(collection).retrieve(QUERIES, k=5))
    assert rows(cached.retrieve(QUERIES[:2], k=5)) == rows(BM25(collection).retrieve(QUERIES[:2], k=5))
    assert rows(cached.retrieve(QUERIES, k=5)) == expected
    assert rows(Cached(inner, path=cache).retrieve(QUERIES[::-1], k=5)) == expected
    assert inner.asked == [query.id for query in QUERIES]
    cached.retrieve(QUERIES[:1], k=4)
    assert len(inner.asked) == len(QUERIES) + 1
    assert cached.label == "Counting"
    assert (cached.exact_cuts, Cached(BM25(collection), path=cache).exact_cuts) == (False, True)  # Counting promises nothing
    assert cached.fingerprint == inner.fingerprint


def test_another_fingerprint_or_query_is_another_entry(collection: Collection, cache: Path) -> None:
    inner = Counting(BM25(collection))
    cached = Cached(inner, path=cache)
    cached.retrieve(QUERIES[:1], k=5)
    inner.name = "changed"
    cached.retrieve(QUERIES[:1], k=5)
    cached.retrieve([replace(QUERIES[0], text="red whale")], k=5)
    cached.retrieve([replace(QUERIES[0], id="other")], k=5)
    assert len(inner.asked) == 4


def test_columns_are_kept_where_every_ranking_has_them(collection: Collection, cache: Path) -> None:
    fused = RRF([BM25(collection), BM25(collection, b=0.0)])
    expected = fused.retrieve(QUERIES, k=5)
    Cached(fused, path=cache).retrieve(QUERIES[:3], k=5)
    for _ in range(2):
        found = Cached(fused, path=cache).retrieve(QUERIES, k=5)
        assert set(found.columns) == set(expected.columns) == {"bm25_1", "bm25_2"}
        for name, column in expected.columns.items():
            np.testing.assert_array_equal(found.columns[name], column)


def test_a_reranker_sees_texts_order_and_scores(cache: Path) -> None:
    class Texts:
        def __init__(self) -> None:
            self.documents = {document.id: document for document in DOCUMENTS}

        def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
            return [self.documents[doc_id] for doc_id in doc_ids]

    corpus, scorer = Texts(), CountingScorer()
    plain = CrossEncoderReranker(OverlapScorer(), corpus, depth=3)
    cached = CachedReranker(CrossEncoderReranker(scorer, corpus, depth=3), corpus, path=cache)
    run = Run.from_dict({"fox": {"d0": 4.0, "d1": 3.0, "d2": 2.0, "d4": 1.0}})
    for _ in range(2):
        found = cached.rerank(QUERIES[:2], run, k=4)
        expected = plain.rerank(QUERIES[:2], run, k=4)
        assert rows(found) == rows(expected)
        np.testing.assert_array_equal(found.columns["stage0"], expected.columns["stage0"])
    assert len(scorer.asked) == 3
    cached.rerank(QUERIES[:1], Run.from_dict({"fox": {"d1": 4.0, "d0": 3.0, "d2": 2.0, "d4": 1.0}}), k=4)
    assert len(scorer.asked) == 6
    corpus.documents["d2"] = replace(corpus.documents["d2"], text="red fox whale")
    assert rows(cached.rerank(QUERIES[:1], run, k=4)) == rows(plain.rerank(QUERIES[:1], run, k=4))
    assert len(scorer.asked) == 9
    corpus.documents["d4"] = replace(corpus.documents["d4"], text="below the depth")
    cached.rerank(QUERIES[:1], run, k=4)
    assert len(scorer.asked) == 9


def test_pairs_are_scored_once(cache: Path) -> None:
    inner = CountingScorer()
    cached = CachedScorer(inner, path=cache)
    first = [(QUERIES[0], DOCUMENTS[:2]), (QUERIES[3], DOCUMENTS[1:3])]
    second = [(QUERIES[0], DOCUMENTS[:4]), (QUERIES[3], []), (QUERIES[5], DOCUMENTS[:1])]
    for groups in (first, second, first):
        for found, expected in zip(cached.score(groups), OverlapScorer().score(groups), strict=True):
            np.testing.assert_array_equal(found, expected)
            assert found.dtype == np.float32
    assert len(inner.asked) == 4 + 3
    inner.fingerprint = "another"
    cached.score(first)
    assert len(inner.asked) == 4 + 3 + 4
    assert cached.score([]) == []


@pytest.mark.parametrize(("make", "head"), [(CrossEncoder, "AutoModelForSequenceClassification"), (DenseEncoder, "AutoModel")])
def test_other_weights_at_the_same_path_have_another_fingerprint(make: type, head: str, tmp_path: Path) -> None:
    folder = save_model(tmp_path / "m", "bert", head=head, **({"num_labels": 1} if make is CrossEncoder else {}))
    before = make(folder).fingerprint
    assert make(folder).fingerprint == before
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-3] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    assert make(folder).fingerprint != before


def test_a_changed_model_never_gives_an_old_score(tmp_path: Path, cache: Path) -> None:
    groups = [(QUERIES[0], DOCUMENTS[:3])]
    scores = []
    for seed in (1, 2):
        folder = save_model(tmp_path / "m", "bert", head="AutoModelForSequenceClassification", seed=seed, num_labels=1)
        (found,) = CachedScorer(CrossEncoder(folder), path=cache).score(groups)
        (alone,) = CrossEncoder(folder).score(groups)
        np.testing.assert_array_equal(found, alone)
        scores.append(found)
    assert not np.array_equal(*scores)


def test_a_changed_activation_is_another_fingerprint(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "m", "bert", head="AutoModelForSequenceClassification", num_labels=1)
    path = folder / "config_sentence_transformers.json"
    path.write_text('{"activation_fn": "torch.nn.modules.linear.Identity"}')
    before = CrossEncoder(folder, activation="saved").fingerprint
    path.write_text('{"activation_fn": "torch.nn.modules.activation.Sigmoid"}')
    assert CrossEncoder(folder, activation="saved").fingerprint != before


def test_from_yaml(collection: Collection, cache: Path, tmp_path: Path) -> None:
    systems = {
        "bm25": {"bm25": {}},
        "kept": {"cached": {"retriever": "bm25", "path": str(cache)}},
        "moved": [
            "kept",
            {"cached": {"reranker": {"cross_encoder": {"model": {"cached": {"scorer": {"cross_encoder": {"model": "m"}}}}}}}},
        ],
    }
    builder = Builder(systems, context={"collection": collection, "corpus": collection}, where="e.yaml")
    assert isinstance(builder.system("kept"), Cached)
    moved = builder.system("moved")
    (reranker,) = moved.rerankers
    assert isinstance(reranker, CachedReranker)
    assert isinstance(reranker.reranker.scorer, CachedScorer)
    with pytest.raises(BadValue, match=r"systems\.none\.cached\.max_mb is 0; expected 1 or more"):
        Builder({"none": {"cached": {"retriever": {"bm25": {}}, "max_mb": 0}}}, context=builder.context, where="e.yaml").system("none")


def test_notes_come_back_and_say_that_they_were_kept(cache: Path) -> None:
    class Noting(Reranker):
        depth, fingerprint = 5, "noting"

        def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
            return (
                run.rows([query.id for query in queries])
                .cut(k)
                .with_notes({"calls": [np.int64(3)] * len(queries), "own": ["x"] * len(queries)})
            )

    run = Run.from_rankings({query.id: Ranking.from_order(["d1", "d2"]) for query in QUERIES})
    stage = CachedReranker(Noting(), ListCorpus(DOCUMENTS), path=cache)
    first = stage.rerank(QUERIES[:1], run, k=5)
    assert first.notes == {"calls": (3,), "own": ("x",)}
    both = stage.rerank(QUERIES[:2], run, k=5)
    assert both.notes == {"calls": (3, 3), "own": ("x", "x"), "cached": (1, None)}
    timed = run.with_notes({"seconds": [0.1 * place for place in range(len(run))]})
    assert stage.rerank(QUERIES[:2], timed, k=5).notes["cached"] == (1, 1)  # what the run before took is no part of the key


def test_a_ranking_of_a_query_that_failed_is_not_kept(cache: Path) -> None:
    class Failing(Reranker):
        depth, fingerprint = 5, "failing"
        asked: list[str]
        why = "order given: status 503"

        def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
            self.asked = [query.id for query in queries]
            return run.rows(self.asked).cut(k).with_notes({"fallback": [self.why if query.id == "fox" else "" for query in queries]})

    inner = Failing()
    run = Run.from_rankings({query.id: Ranking.from_order(["d1", "d2"]) for query in QUERIES})
    stage = CachedReranker(inner, ListCorpus(DOCUMENTS), path=cache)
    first = stage.rerank(QUERIES, run, k=5)
    assert first.notes["fallback"][0] == inner.why
    inner.why = ""
    again = stage.rerank(QUERIES, run, k=5)
    assert inner.asked == ["fox"]
    assert set(again.notes["fallback"]) == {""}
    inner.asked = []
    stage.rerank(QUERIES, run, k=5)
    assert inner.asked == []


def test_what_was_reranked_before_an_interrupt_is_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_stages, "TOGETHER", 2)
    corpus = ListCorpus(DOCUMENTS)
    queries = [Query(f"q{number}", "fox") for number in range(5)]
    run = Run.from_rankings({query.id: Ranking.from_order(["d0", "d1"]) for query in queries})
    monkeypatch.setattr(Turning, "asked", [])
    monkeypatch.setattr(Turning, "fails_at", "q3")
    with pytest.raises(ModelError):
        CachedReranker(Turning("m", corpus), corpus, path=cache).rerank(queries, run, k=2)
    monkeypatch.setattr(Turning, "fails_at", "")
    Turning.asked.clear()
    found = CachedReranker(Turning("m", corpus), corpus, path=cache).rerank(queries, run, k=2)
    assert Turning.asked == ["q2", "q3", "q4"]
    assert rows(found) == rows(Turning("m", corpus).rerank(queries, run, k=2))
    assert found.notes["cached"] == (1, 1, None, None, None)
