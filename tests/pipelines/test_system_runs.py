"""The systems of an experiment on one dataset."""

from pathlib import Path

import pytest

from irloom.core.files import no_progress
from irloom.core.types import Document, Query
from irloom.data.dataset import MemoryDataset, Protocol
from irloom.data.trec import read_run
from irloom.indexing.collection import Collection
from irloom.pipelines.build import bm25_request, build_collection
from irloom.pipelines.experiment import parse_experiment
from irloom.pipelines.system_runs import SystemRuns, run_systems
from tests.answering import Reply, answering
from tests.fakes_hosted import tei

TEXTS = {"d1": "red fox", "d2": "red fox red", "d3": "blue whale", "d4": "fox fox", "q1": "red fox"}
SYSTEMS = {
    "bm25": {"bm25": {"part": "bm25"}},
    "fused": {"rrf": {"of": ["bm25", {"bm25": {"part": "bm25", "b": 0.0}}]}},
    "alone": {"bm25": {"part": "bm25", "k1": 2.0}},
}


@pytest.fixture
def dataset() -> MemoryDataset:
    documents = [Document(doc_id, text) for doc_id, text in TEXTS.items()]
    queries = [Query("q1", "red fox"), Query("q2", "whale")]
    qrels = {"test": {"q1": {"d1": 1}, "q2": {"d3": 1}}}
    return MemoryDataset("memory", documents, queries=queries, qrels=qrels, protocol=Protocol(remove_self_hits=True))


def run(dataset: MemoryDataset, tmp_path: Path, *, folder: Path | None) -> SystemRuns:
    build_collection(tmp_path / "c", dataset, [bm25_request("english")])
    experiment = parse_experiment({"dataset": "memory", "systems": SYSTEMS, "k": 2}, where="e.yaml")
    with Collection.open(tmp_path / "c") as collection:
        return run_systems(experiment, dataset, collection, dataset.queries(), nodes=SYSTEMS, folder=folder, progress=no_progress)


def test_self_hits_make_room_for_others_in_every_stage(dataset: MemoryDataset, tmp_path: Path) -> None:
    ran = run(dataset, tmp_path, folder=tmp_path / "out")
    assert list(ran.systems) == list(SYSTEMS)
    for name, system in ran.systems.items():
        assert set(system.run["q1"].doc_ids) <= {"d1", "d2", "d4"}
        assert len(system.run["q1"]) == 2
        assert [list(ranking.doc_ids) for ranking in system.run.values()] == [
            list(ranking.doc_ids) for ranking in read_run(tmp_path / "out" / "runs" / f"{name}.trec").values()
        ]
        assert all("q1" not in stage.run["q1"].doc_ids for stage in system.stages)
        assert system.latency_ms > 0
    assert [stage.name for stage in ran.systems["fused"].stages] == ["bm25", "bm25", "fused"]
    assert len({system.fingerprint for system in ran.systems.values()}) == 3


def test_without_a_folder_nothing_is_written(dataset: MemoryDataset, tmp_path: Path) -> None:
    ran = run(dataset, tmp_path, folder=None)
    assert [stage.name for stage in ran.systems["fused"].stages] == ["bm25", "bm25", "fused"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["c"]


def test_a_server_that_fails_for_one_query_does_not_end_the_experiment(
    dataset: MemoryDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the batch one query keeps its order; when queries are asked alone, for the latency, it has nobody beside it."""
    build_collection(tmp_path / "c", dataset, [bm25_request("english")])
    with (
        answering(lambda request, number: Reply({}, 400) if request.body["query"] == "whale" else tei(request)) as server,
        Collection.open(tmp_path / "c") as collection,
    ):
        nodes = {"hosted": [{"bm25": {"part": "bm25"}}, {"hosted": {"model": "m", "provider": "tei", "base_url": server.url}}]}
        experiment = parse_experiment({"dataset": "memory", "systems": nodes, "k": 2}, where="e.yaml")
        ran = run_systems(experiment, dataset, collection, dataset.queries(), nodes=nodes, folder=None, progress=no_progress)
    assert "the latency is that of 1 queries alone" in caplog.text
    assert ran.systems["hosted"].latency_ms > 0
    assert ran.systems["hosted"].run["q2"].doc_ids[0] == "d3"
