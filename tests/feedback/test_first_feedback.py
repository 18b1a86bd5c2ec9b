from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.core.config import Builder
from irloom.core.errors import BadValue, ModelError
from irloom.core.run import Run
from irloom.core.stage import Reranker
from irloom.core.types import Document, Filter, Query
from irloom.feedback.first_feedback import FirstFeedback
from irloom.feedback.query_distillation import towards_order, towards_scores
from irloom.indexing.collection import Collection
from irloom.indexing.dense_part import DensePart
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.cached import Cached
from irloom.pipelines.shared import Runs, Shared
from irloom.rerankers.cross_encoder import CrossEncoderReranker
from irloom.rerankers.head import Head, Scored, order_scores, rerank_head
from irloom.retrievers.dense import Dense
from irloom.retrievers.filtered import Filtered
from tests.contracts.stages import QUERIES as CONTRACT_QUERIES
from tests.contracts.stages import RERANKERS as STAGES
from tests.contracts.stages import write
from tests.fakes import FakeEncoder, OverlapScorer

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
DOCUMENTS = [Document(f"d{i:02}", " ".join(np.random.default_rng(i).choice(WORDS, 5)), meta={"even": i % 2 == 0}) for i in range(60)]
QUERIES = [Query("q1", "alpha beta"), Query("q2", "zeta"), Query("none", " "), Query("q3", "eta theta theta")]
ASKED = [query for query in QUERIES if query.text.strip()]


class Teacher(Reranker):
    """Orders by a function of the query's text and the documents' ids as given; keeps what it was asked."""

    def __init__(self, order: Any = lambda query, doc_ids: range(len(doc_ids)), depth: int = 100) -> None:
        self.order, self.depth = order, depth
        self.asked: list[tuple[str, int]] = []

    @property
    def fingerprint(self) -> str:
        return "teacher"

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        return rerank_head(queries, run, self._score, depth=self.depth, k=k)

    def _score(self, heads: Sequence[Head]) -> list[Scored]:
        self.asked += [(query.id, len(doc_ids)) for query, doc_ids in heads]
        return [Scored(order_scores(list(self.order(query, doc_ids))), {"calls": 1, "fallback": ""}) for query, doc_ids in heads]


def backwards(query: Query, doc_ids: Sequence[str]) -> list[int]:
    return list(range(len(doc_ids)))[::-1]


def by_id(query: Query, doc_ids: Sequence[str]) -> list[int]:
    return sorted(range(len(doc_ids)), key=doc_ids.__getitem__)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    path = tmp_path_factory.mktemp("feedback") / "c"
    with CollectionWriter(path) as writer:
        writer.write_documents(DOCUMENTS)
        writer.build("dense", DensePart(FakeEncoder()))
        writer.commit()
    return Collection.open(path)


@pytest.fixture(scope="module")
def contract_collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return write(tmp_path_factory.mktemp("teachers") / "c")


@pytest.fixture(scope="module")
def dense(collection: Collection) -> Dense:
    return Dense(collection, FakeEncoder(), threads=1)


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(ranking) for query, ranking in run.items()}


@pytest.mark.parametrize(("scored", "ordered"), [(True, True), (True, False), (False, True)])
def test_equals_brute_force(collection: Collection, dense: Dense, scored: bool, ordered: bool) -> None:
    encoder, depth = FakeEncoder(), 10
    matrix = encoder.encode_documents(DOCUMENTS).astype(np.float64)
    scorer = CrossEncoderReranker(OverlapScorer(), collection, depth=8) if scored else None
    found = FirstFeedback(dense, Teacher(by_id) if ordered else None, scorer=scorer, depth=depth).retrieve(ASKED, k=60)
    place = {document.id: row for row, document in enumerate(DOCUMENTS)}
    for query in ASKED:
        vector: NDArray[np.float64] = encoder.encode_queries([query]).astype(np.float64)
        first = dense.retrieve([query], k=depth)[query.id]
        if scored:
            head = [DOCUMENTS[place[doc_id]] for doc_id in first.doc_ids[:8]]
            (scores,) = OverlapScorer().score([(query, head)])
            passages = matrix[[place[document.id] for document in head]]
            vector = towards_scores(vector, passages[None], scores[None].astype(np.float64))
        if ordered:
            passages = matrix[[place[doc_id] for doc_id in sorted(first.doc_ids)]]
            vector = towards_order(vector, passages[None], np.array([float(first.scores[0]) - float(first.scores[-1])]))
        expected = sorted(DOCUMENTS, key=lambda document: -float(matrix[place[document.id]] @ vector[0].astype(np.float32)))
        scores = {document.id: float(matrix[place[document.id]] @ vector[0].astype(np.float32)) for document in expected}
        assert {doc_id: pytest.approx(score, abs=1e-6) for doc_id, score in found[query.id]} == scores
        assert found[query.id].scores[0] == pytest.approx(max(scores.values()), abs=1e-6)
        assert rows(dense.retrieve([query], k=60))[query.id] != list(found[query.id])


def test_a_teacher_that_agrees_does_not_move_the_best_down(dense: Dense) -> None:
    queries = [Query(str(seed), " ".join(np.random.default_rng(100 + seed).choice(WORDS, 3))) for seed in range(30)]
    before, after = dense.retrieve(queries, k=60), FirstFeedback(dense, Teacher(), depth=20).retrieve(queries, k=60)
    assert rows(after) == rows(before)  # nor anything else
    swapped = FirstFeedback(dense, Teacher(lambda query, ids: [*range(18), 19, 18]), depth=20).retrieve(queries, k=60)
    assert all(swapped[query.id].scores.tolist() != before[query.id].scores.tolist() for query in queries)


def test_documents_that_the_teacher_likes_rise(dense: Dense) -> None:
    before = dense.retrieve(ASKED, k=60)
    after = FirstFeedback(dense, Teacher(backwards), depth=20, order_updates=200).retrieve(ASKED, k=60)
    for query in ASKED:
        last = before[query.id].doc_ids[19]
        assert list(after[query.id].doc_ids).index(last) < 19


def test_notes_empty_queries_and_what_is_read(dense: Dense, collection: Collection) -> None:
    teacher, scorer = Teacher(depth=7), CrossEncoderReranker(OverlapScorer(), collection, depth=5)
    run = FirstFeedback(dense, teacher, scorer=scorer, depth=10).retrieve(QUERIES, k=12)
    assert list(run) == [query.id for query in QUERIES]
    assert [len(ranking) for ranking in run.values()] == [12, 12, 0, 12]
    assert teacher.asked == [("q1", 7), ("q2", 7), ("q3", 7)]
    assert run.notes["calls"] == (1, 1, None, 1)
    assert run.notes["fallback"] == ("", "", None, "")
    noted = FirstFeedback(dense, scorer=teacher, depth=3).retrieve(QUERIES[:1], k=1)
    assert noted.notes["scorer.calls"] == (1,)
    assert len(FirstFeedback(dense, teacher).retrieve([Query("e", "")], k=5)["e"]) == 0


def test_a_request_for_nothing_asks_no_teacher(dense: Dense) -> None:
    teacher = Teacher()
    feedback = FirstFeedback(dense, teacher)
    assert [len(ranking) for ranking in feedback.retrieve(QUERIES, k=0).values()] == [0, 0, 0, 0]
    assert len(feedback.retrieve([], k=3)) == 0
    with pytest.raises(BadValue, match="once each"):
        feedback.retrieve([QUERIES[0], QUERIES[0]], k=3)
    with pytest.raises(BadValue, match="k is -1"):
        feedback.retrieve(QUERIES, k=-1)
    assert teacher.asked == []


def test_filters_hold_for_both_searches(dense: Dense) -> None:
    seen: list[str] = []

    def order(query: Query, doc_ids: Sequence[str]) -> list[int]:
        seen.extend(doc_ids)
        return by_id(query, doc_ids)

    even = [replace(query, where=Filter("even == true")) for query in ASKED]
    run = FirstFeedback(dense, Teacher(order), depth=50).retrieve([*even, Query("no", "alpha", where=Filter('id == "d99"'))], k=60)
    assert {int(doc_id[1:]) % 2 for doc_id in seen} == {0}
    assert [len(ranking) for ranking in run.values()] == [30, 30, 30, 0]
    assert all(int(doc_id[1:]) % 2 == 0 for ranking in run.values() for doc_id in ranking.doc_ids)
    one = FirstFeedback(dense, Teacher(), depth=50).retrieve([Query("one", "alpha", where=Filter('id == "d03"'))], k=60)
    assert list(one["one"].doc_ids) == ["d03"]  # one document teaches nothing


def test_a_batch_equals_its_queries_and_threads_agree(dense: Dense) -> None:
    feedback = FirstFeedback(dense, Teacher(by_id), scorer=Teacher(backwards, depth=9), depth=15)
    feedback.warm_up()
    batch = rows(feedback.retrieve(QUERIES, k=9))
    assert {query.id: rows(feedback.retrieve([query], k=9))[query.id] for query in QUERIES} == batch
    assert rows(feedback.retrieve(QUERIES, k=60).cut(9)) == batch
    with ThreadPoolExecutor(8) as pool:
        assert all(rows(run) == batch for run in pool.map(lambda _: feedback.retrieve(QUERIES, k=9), range(16)))


def test_scores_that_are_not_finite_are_named(dense: Dense) -> None:
    class Broken(Teacher):
        def _score(self, heads: Sequence[Head]) -> list[Scored]:
            return [Scored(np.full(len(doc_ids), np.inf, np.float32)) for _, doc_ids in heads]

    with pytest.raises(ModelError, match=r"query 'q1': the score of document 'd.*' is inf"):
        FirstFeedback(dense, scorer=Broken(), depth=5).retrieve(QUERIES, k=5)


def test_arguments_and_fingerprints(dense: Dense, collection: Collection) -> None:
    for wrong in (
        {"teacher": None},
        {"depth": 0},
        {"order_rate": 0.0},
        {"score_rate": float("inf")},
        {"order_updates": -1},
        {"score_updates": -1},
        {"retriever": Filtered(dense, "even == true")},
    ):
        with pytest.raises(BadValue, match=next(iter(wrong))):
            FirstFeedback(**({"retriever": dense, "teacher": Teacher()} | wrong))  # type: ignore[arg-type]
    prints = {
        FirstFeedback(dense, Teacher(), **some).fingerprint
        for some in (
            {},
            {"depth": 5},
            {"order_rate": 0.5},
            {"order_updates": 3},
            {"score_rate": 0.5},
            {"score_updates": 1},
            {"scorer": Teacher()},
        )
    }
    assert len(prints) == 7
    assert FirstFeedback(dense, Teacher()).exact_cuts
    for kept in (
        Cached(dense, path=collection.root.with_suffix(".sqlite")),
        Shared(Cached(dense, path=collection.root.with_suffix(".sqlite")), Runs()),
    ):
        assert FirstFeedback(kept, Teacher()).retriever is dense
    assert FirstFeedback(dense, Teacher()).label == "FirstFeedback"


def test_from_yaml(collection: Collection) -> None:
    systems = {
        "meaning": {"dense": {"part": "dense"}},
        "feedback": {
            "first_feedback": {
                "retriever": "meaning",
                "teacher": {"maxsim": {"encoder": "minilm", "depth": 7}},
                "scorer": {"cross_encoder": {"model": "path/to/model"}},
                "order_updates": 5,
            }
        },
        "within": {"first_feedback": {"retriever": {"filtered": {"retriever": "meaning", "where": "even == true"}}, "teacher": "maxsim"}},
    }
    builder = Builder(systems, context={"collection": collection, "corpus": collection}, where="e.yaml")
    built = builder.system("feedback")
    assert isinstance(built, FirstFeedback)
    assert built.retriever is builder.system("meaning")
    assert (built.teacher.depth, type(built.scorer), built.order_steps.updates) == (7, CrossEncoderReranker, 5)
    systems["within"]["first_feedback"]["teacher"] = {"maxsim": {"encoder": "minilm"}}
    with pytest.raises(BadValue, match=r"retriever is 'Filtered'; expected a Dense retriever"):
        Builder(systems, context=builder.context, where="e.yaml").system("within")


@pytest.mark.parametrize("name", sorted(STAGES))
def test_any_reranker_teaches(name: str, contract_collection: Collection) -> None:
    dense = Dense(contract_collection, FakeEncoder(), threads=1)
    teacher = STAGES[name](contract_collection)
    before = dense.retrieve(CONTRACT_QUERIES, k=10)
    after = FirstFeedback(dense, teacher, depth=4).retrieve(CONTRACT_QUERIES, k=10)
    read = teacher.rerank(CONTRACT_QUERIES, before.cut(4), k=4)
    assert list(after) == list(before)
    for query in CONTRACT_QUERIES:
        assert sorted(after[query.id].doc_ids) == sorted(before[query.id].doc_ids)
        if list(read[query.id].doc_ids) == list(before[query.id].doc_ids[:4]):
            assert list(after[query.id]) == list(before[query.id])
        else:
            assert after[query.id].scores.tolist() != before[query.id].scores.tolist()
