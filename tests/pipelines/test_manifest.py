"""The manifest of an experiment: what it holds."""

import json
from pathlib import Path

import pytest
import yaml

from irloom.core import files
from irloom.core.files import sha256_of
from irloom.pipelines.manifest import leaves, read_manifest
from irloom.pipelines.running import run_experiment


@pytest.fixture
def out(folder: Path, vectors: dict[str, str], tmp_path: Path) -> Path:
    path = tmp_path / "e.yaml"
    systems = {"bm25": {"bm25": {}}, "dense": {"dense": {"encoder": {"vector_file": vectors}}}}
    content = {"dataset": str(folder), "systems": systems, "measures": ["nDCG@10", "R@5"], "baseline": "bm25", "k": 20}
    path.write_text(yaml.safe_dump(content))
    run_experiment(path, output=tmp_path / "out")
    return tmp_path / "out"


def test_it_holds_all_that_decides_the_numbers(out: Path, folder: Path, tmp_path: Path) -> None:
    manifest = read_manifest(out)
    (dataset,) = manifest.datasets.values()
    assert dataset["data"]["documents"] == 32
    assert dataset["data"]["files"]["corpus.jsonl"] == sha256_of(folder / "corpus.jsonl")
    assert set(dataset["data"]["files"]) == {"corpus.jsonl", "queries.jsonl", "qrels/test.tsv", "qrels/train.tsv"}
    assert dataset["data"]["protocol"] == {"split": "test", "remove_self_hits": False, "min_grade": 1}
    assert {part["kind"] for part in dataset["collection"]["parts"].values()} == {"bm25", "dense"}
    assert manifest.models["VectorFile"]["files"]["corpus.npy"] == sha256_of(tmp_path / "corpus.npy")
    assert manifest.source["path"] == str(tmp_path / "e.yaml")
    assert manifest.config["systems"]["bm25"]["bm25"]["b"] == 0.4
    assert yaml.safe_load((out / "experiment.yaml").read_text()) == manifest.config
    assert manifest.seeds == {"bootstrap": 0}
    assert manifest.code["version"]
    assert manifest.libraries["numpy"]
    assert manifest.hardware["cpu"]


def test_it_holds_every_number_of_the_report_and_what_it_cost(out: Path) -> None:
    manifest, report = read_manifest(out), json.loads((out / "report.json").read_text())
    systems = manifest.datasets["animals"]["systems"]
    for name, system in report["systems"].items():
        assert systems[name]["measures"] == system["measures"]
        assert systems[name]["run_sha256"] == sha256_of(out / "runs" / f"{name}.trec")
        assert systems[name]["wall_s"] > 0
        assert systems[name]["latency_ms"] > 0
    assert manifest.datasets["animals"]["query_ids"] == report["query_ids"]
    assert manifest.usage["wall_s"] >= sum(system["wall_s"] for system in systems.values())
    assert manifest.usage["peak_memory_bytes"] > 1 << 20
    energy = manifest.usage["energy"]
    assert energy["note"]
    assert energy["joules"] is None or energy["joules"] >= 0


def test_it_is_written_last_and_whole(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(files, "fail_points", [lambda action, path: written.append(path.name) if action == "rename" else None])
    run_experiment(tmp_path / "e.yaml", output=tmp_path / "again")
    assert written[-1] == "manifest.json"
    assert {"report.json", "report.html", "per_query.jsonl", "table.md", "table.tex", "experiment.yaml", "bm25.trec"} <= set(written)


def test_a_diagnosis_stands_in_the_report(out: Path) -> None:
    report = json.loads((out / "report.json").read_text())
    for system in report["systems"].values():
        assert system["diagnosis"]["ceilings"]
        assert set(system["diagnosis"]["counts"])


def test_small_trees() -> None:
    assert dict(leaves({})) == {"": {}}
    assert dict(leaves({"a": {}, "b": (1, 2)})) == {"a": {}, "b": [1, 2]}
