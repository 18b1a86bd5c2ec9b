"""The systems of an experiment on one dataset."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from irloom.core.files import no_progress
from irloom.core.run import Run
from irloom.core.types import Document, Query
from irloom.data.dataset import MemoryDataset, Protocol
from irloom.data.trec import read_run
from irloom.indexing.collection import Collection
from irloom.pipelines.build import bm25_request, build_collection
from irloom.pipelines.experiment import parse_experiment
from irloom.pipelines.system_runs import SystemRuns, run_systems
from irloom.rerankers.failures import NoneAsked
from tests.answering import Reply, answering
from tests.fakes_hosted import tei
from tests.pipelines.turning import Turning, registered

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


BEFORE = {"bm25": {"part": "bm25"}}


def served(dataset: MemoryDataset, tmp_path: Path, nodes: Mapping[str, Any], *, folder: Path | None = None) -> SystemRuns:
    build_collection(tmp_path / "c", dataset, [bm25_request("english")])
    with Collection.open(tmp_path / "c") as collection:
        experiment = parse_experiment({"dataset": "memory", "systems": nodes, "k": 2}, where="e.yaml")
        return run_systems(experiment, dataset, collection, dataset.queries(), nodes=nodes, folder=folder, progress=no_progress)


def noted(ran: SystemRuns, name: str) -> list[float]:
    """Milliseconds that were noted of the queries."""
    return [1000 * float(str(seconds)) for seconds in ran.systems[name].run.notes["seconds"]]


def test_a_server_is_asked_once_and_its_latency_is_what_was_noted(dataset: MemoryDataset, tmp_path: Path) -> None:
    """Shared by systems, within a fusion, behind a cache: each query is paid for once, and the latency is no less than its request."""
    with answering(tei) as server:
        hosted = {"hosted": {"model": "m", "provider": "tei", "base_url": server.url}}
        cached = {"cached": {"reranker": {"hosted": {**hosted["hosted"], "depth": 3}}, "path": str(tmp_path / "kept.sqlite")}}
        nodes = {
            "alone": [BEFORE, hosted],
            "fused": {"rrf": {"of": [[BEFORE, hosted], BEFORE], "depth": 3}},
            "longer": [BEFORE, hosted, {"turning": {"model": "m", "depth": 2}}],
            "kept": [BEFORE, cached],
        }
        with registered():
            ran = served(dataset, tmp_path, nodes)
    queries = [request.body["query"] for request in server.requests]
    assert sorted(queries) == sorted(2 * [query.text for query in dataset.queries()])  # once by hosted, once by the other depth
    for name in ("alone", "kept"):
        assert ran.systems[name].latency_ms >= min(noted(ran, name)) > 0
    least = min(noted(ran, "alone"))
    assert all(ran.systems[name].latency_ms >= least for name in nodes if name != "kept")


def test_a_chat_server_is_asked_once(dataset: MemoryDataset, tmp_path: Path) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "[2] > [1]"}, "finish_reason": "stop"}
    with answering(lambda request, number: Reply({"choices": [choice]})) as server:
        model = {"openai_chat": {"model": "m", "base_url": server.url}}
        ran = served(dataset, tmp_path, {"listwise": [BEFORE, {"listwise": {"model": model}}]})
    assert len(server.requests) == 1  # "whale" finds one document, which is in order
    assert ran.systems["listwise"].latency_ms > 0


def test_a_system_that_was_finished_before_an_interrupt_has_its_latency_by_the_notes(dataset: MemoryDataset, tmp_path: Path) -> None:
    with answering(tei) as server:
        nodes = {"hosted": [BEFORE, {"hosted": {"model": "m", "provider": "tei", "base_url": server.url}}]}
        first = served(dataset, tmp_path, nodes, folder=tmp_path / "out")
        again = served(dataset, tmp_path, nodes, folder=tmp_path / "out")
    assert len(server.requests) == 2
    assert noted(again, "hosted") == noted(first, "hosted")
    assert again.systems["hosted"].latency_ms >= min(noted(first, "hosted"))


def test_a_server_that_fails_for_one_query_does_not_end_the_experiment(
    dataset: MemoryDataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the batch one query keeps its order; for the latency it does not count."""
    with answering(lambda request, number: Reply({}, 400) if request.body["query"] == "whale" else tei(request)) as server:
        nodes = {"hosted": [BEFORE, {"hosted": {"model": "m", "provider": "tei", "base_url": server.url}}]}
        ran = served(dataset, tmp_path, nodes)
    assert len(server.requests) == 2
    assert "the latency is that of" not in caplog.text
    assert ran.systems["hosted"].latency_ms > 0
    assert ran.systems["hosted"].run["q2"].doc_ids[0] == "d3"


def test_a_query_without_room_does_not_count_for_the_latency(
    dataset: MemoryDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked alone it is an error; the others are timed all the same."""

    def rerank(self: Turning, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        if [query.id for query in queries] == ["q1"]:
            raise NoneAsked("all 1 queries failed")
        return plain(self, queries, run, k=k)

    plain = Turning.rerank
    monkeypatch.setattr(Turning, "rerank", rerank)
    asked: list[str] = []
    monkeypatch.setattr(Turning, "asked", asked)
    with registered():
        ran = served(dataset, tmp_path, {"turning": [BEFORE, {"turning": {"model": "m"}}]})
    assert asked == ["q1", "q2", "q2"]
    assert ran.systems["turning"].latency_ms > 0
