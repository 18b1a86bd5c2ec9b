"""Sharing: a stage that several systems have runs once, and what it gives is what it would have given."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from irloom.core.run import Run
from irloom.core.stage import Pipeline, Retriever
from irloom.core.types import Query
from irloom.indexing.collection import Collection
from irloom.pipelines.shared import Made, Runs, Shared
from irloom.pipelines.sharing import SharingBuilder
from irloom.retrievers.bm25 import BM25
from tests.contracts.stages import QUERIES, write


class Counting(Retriever):
    """A retriever that remembers the depths that it was asked for."""

    def __init__(self, inner: Retriever, *, exact: bool = True) -> None:
        self.inner, self.exact, self.asked = inner, exact, list[tuple[int, int]]()

    @property
    def fingerprint(self) -> str:
        return self.inner.fingerprint

    @property
    def exact_cuts(self) -> bool:
        return self.exact

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        self.asked.append((len(queries), k))
        return self.inner.retrieve(queries, k=k)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return write(tmp_path / "c")


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(ranking) for query, ranking in run.items()}


def builder(collection: Collection, systems: dict[str, object]) -> SharingBuilder:
    return SharingBuilder(systems, context={"collection": collection, "corpus": collection}, where="e.yaml")


def test_an_exact_stage_gives_small_cuts_out_of_deep_ones(collection: Collection) -> None:
    stage, runs = Counting(BM25(collection)), Runs()
    for k in (3, 5, 5, 2, 3, 0):
        assert rows(runs.make(stage, QUERIES, k=k).run) == rows(BM25(collection).retrieve(QUERIES, k=k))
    assert [k for _, k in stage.asked] == [3, 5]
    runs.make(stage, QUERIES[:2], k=5)  # other queries are another run
    assert stage.asked[-1] == (2, 5)


def test_another_stage_is_asked_for_each_k(collection: Collection) -> None:
    stage, runs = Counting(BM25(collection), exact=False), Runs()
    for k in (5, 3, 5, 3):
        runs.make(stage, QUERIES, k=k)
    assert [k for _, k in stage.asked] == [5, 3]


def test_equal_stages_share_wherever_they_stand(collection: Collection) -> None:
    systems: dict[str, object] = {
        "first": {"bm25": {"k1": 1.2}},
        "fused": {"rrf": {"of": ["first", {"bm25": {"k1": 1.2}}], "depth": 4}},
        "deep": [{"bm25": {"k1": 1.2}}, {"cross_encoder": {"model": "m"}}],
    }
    made = builder(collection, systems)
    fused = made.system("fused")
    assert isinstance(fused, Shared)
    first, second = fused.inner.of
    assert first is made.system("first")
    assert second is not first
    runs = made.runs
    runs.make(first, QUERIES, k=6)
    held = {key: list(kept) for key, kept in runs._kept.items()}
    run = fused.retrieve(QUERIES, k=4)
    assert {key: list(kept) for key, kept in runs._kept.items() if key[0] != fused.fingerprint} == held
    assert set(run.columns) == {"bm25_1", "bm25_2"}  # not the wrapper's name
    assert isinstance(made.system("deep").inner, Pipeline)


def test_the_beginning_of_a_list_is_a_stage(collection: Collection) -> None:
    scorer = {"cross_encoder": {"model": "m", "depth": 3}}
    made = builder(collection, {"two": [{"bm25": {}}, scorer], "three": [{"bm25": {}}, scorer, {"cross_encoder": {"model": "n"}}]})
    three = made.system("three")
    assert three.inner.retriever.inner.rerankers[0].depth == 3
    assert three.inner.retriever.inner.retriever.inner.fingerprint == made.system("two").inner.retriever.fingerprint


def test_seconds_are_those_of_the_stages_inside_too(collection: Collection) -> None:
    made = builder(collection, {"a": {"bm25": {}}, "f": {"rrf": {"of": ["a"]}}})
    words = made.system("a")
    made.runs.put(words, QUERIES, k=1000, made=Made(words.retrieve(QUERIES, k=1000), 100.0))
    for _ in range(2):
        assert 100 <= made.runs.make(made.system("f"), QUERIES, k=1000).seconds < 200


def test_switched_off_everything_is_asked(collection: Collection) -> None:
    stage, runs = Counting(BM25(collection)), Runs()
    shared = Shared(stage, runs)
    shared.retrieve(QUERIES, k=5)
    runs.sharing = False
    shared.retrieve(QUERIES, k=5)
    shared.retrieve(QUERIES, k=7)
    runs.sharing = True
    shared.retrieve(QUERIES, k=5)
    assert [k for _, k in stage.asked] == [5, 5, 7]


def test_runs_that_nobody_needs_are_let_go(collection: Collection) -> None:
    one, two, runs = Counting(BM25(collection)), Counting(BM25(collection, b=0.0)), Runs()
    for stage in (one, two):
        runs.make(stage, QUERIES, k=5)
    runs.keep_only({two.fingerprint})
    for stage in (one, two):
        runs.make(stage, QUERIES, k=5)
    assert (len(one.asked), len(two.asked)) == (2, 1)
