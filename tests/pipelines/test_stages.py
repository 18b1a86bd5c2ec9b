"""Stage runs: each stage by itself, with what it reads and what is read of it."""

from pathlib import Path

import pytest

from irloom.core.run import Run
from irloom.eval.diagnosis import diagnose
from irloom.fusion.rrf import RRF
from irloom.fusion.weighted import Weighted
from irloom.indexing.collection import Collection
from irloom.pipelines.sharing import SharingBuilder
from irloom.pipelines.stages import stage_runs
from irloom.rerankers.maxsim import MaxSimReranker
from irloom.retrievers.bm25 import BM25
from irloom.retrievers.dense import Dense
from tests.contracts.stages import QUERIES, write
from tests.fakes import FakeEncoder


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return write(tmp_path / "c")


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query: list(ranking) for query, ranking in run.items()}


def test_one_stage(collection: Collection) -> None:
    (stage,) = stage_runs(BM25(collection), QUERIES, k=3)
    assert (stage.name, stage.inputs, stage.read) == ("bm25", (), None)
    assert rows(stage.run) == rows(BM25(collection).retrieve(QUERIES, k=3))
    assert stage.seconds > 0


def test_a_pipeline_over_a_fusion(collection: Collection) -> None:
    fused = Weighted([BM25(collection), Dense(collection, FakeEncoder())], weights=[0.3, 0.7], depth=4)
    reranker = MaxSimReranker(FakeEncoder(), collection, depth=2)
    system = fused >> reranker >> MaxSimReranker(FakeEncoder(), collection, depth=1)
    stages = stage_runs(system, QUERIES, k=3)
    assert [stage.name for stage in stages] == ["bm25", "dense", "weighted", "maxsim", "maxsim"]
    assert [stage.inputs for stage in stages] == [(), (), (0, 1), (2,), (3,)]
    assert [stage.read for stage in stages] == [4, 4, 2, 1, None]
    assert rows(stages[2].run) == rows(fused.retrieve(QUERIES, k=3))
    assert rows(stages[-1].run) == rows(system.retrieve(QUERIES, k=3))
    steps = [step.run for step in system.steps(QUERIES, k=3)]
    assert [rows(stage.run) for stage in stages[2:]] == [rows(run) for run in steps]


def test_a_fusion_of_pipelines(collection: Collection) -> None:
    reranked = BM25(collection) >> MaxSimReranker(FakeEncoder(), collection, depth=2)
    stages = stage_runs(RRF([reranked, Dense(collection, FakeEncoder())], depth=5), QUERIES, k=3)
    assert [stage.name for stage in stages] == ["bm25", "maxsim", "dense", "rrf"]
    assert [stage.inputs for stage in stages] == [(), (0,), (), (1, 2)]
    assert [stage.read for stage in stages] == [2, 5, 5, None]


def test_shared_stages_have_their_systems_names_and_run_once(collection: Collection) -> None:
    maxsim = {"maxsim": {"encoder": "fake", "depth": 2}}
    systems = {"words": {"bm25": {}}, "both": {"rrf": {"of": ["words", {"bm25": {"b": 0.0}}], "depth": 4}}, "last": ["both", maxsim]}
    builder = SharingBuilder(dict(systems), context={"collection": collection, "corpus": collection}, where="e.yaml")
    builder.reranker = lambda node, *, where: MaxSimReranker(FakeEncoder(), collection, depth=2)  # type: ignore[method-assign]
    last = builder.system("last")
    expected = builder.runs.make(last, QUERIES, k=3)
    held = {key: list(kept) for key, kept in builder.runs._kept.items()}
    stages = stage_runs(last, QUERIES, k=3)
    assert {key: list(kept) for key, kept in builder.runs._kept.items()} == held
    assert [stage.name for stage in stages] == ["words", "bm25", "both", "maxsim"]
    assert rows(stages[-1].run) == rows(expected.run)
    assert all(stage.seconds >= 0 for stage in stages)


def test_they_can_be_diagnosed(collection: Collection) -> None:
    system = RRF([BM25(collection), Dense(collection, FakeEncoder())], depth=3) >> MaxSimReranker(FakeEncoder(), collection, depth=2)
    diagnosis = diagnose(stage_runs(system, QUERIES, k=5), {"fox": {"d7": 1, "d1": 1}, "whale": {"d2": 1}}, measure="nDCG@10")
    assert [ceiling.stage for ceiling in diagnosis.ceilings] == ["bm25", "dense", "rrf", "maxsim"]
    assert all(0 <= ceiling.recall <= 1 for ceiling in diagnosis.ceilings)
