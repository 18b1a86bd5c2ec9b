"""Differences between trees and manifests, by hand."""

from dataclasses import replace

import pytest

from irloom.pipelines.difference import ABSENT, Change, count_numbers, manifest_changes, tree_changes
from irloom.pipelines.manifest import Manifest

SYSTEM = {"run_sha256": "r", "wall_s": 1.0, "measures": {"P@1": {"mean": 0.5, "values": [0.0, 1.0]}}}
DATASET = {
    "data": {"fingerprint": "f", "content_hash": "c", "place": "here", "files": {"corpus.jsonl": "1"}},
    "collection": {"checksum": "x", "fingerprint": "g", "parts": {"bm25": {"space": "s"}}},
    "query_ids": ["q1", "q2"],
    "systems": {"bm25": SYSTEM},
}
MANIFEST = Manifest(
    made="today",
    source={"path": "e.yaml", "content": {}},
    config={"dataset": ["d"], "systems": {"bm25": {"bm25": {"k1": 0.9}}}},
    code={"version": "1", "files": {"a.py": "1"}},
    libraries={"numpy": "2.1"},
    hardware={"cpu": "a"},
    seeds={"bootstrap": 0},
    usage={"wall_s": 1.0},
    models={"m": {"fingerprint": "f", "folder": "here", "files": {"model.safetensors": "1"}}},
    datasets={"d": DATASET},
    means={},
)


def with_system(**changed: object) -> dict[str, object]:
    return {"d": {**DATASET, "systems": {"bm25": {**SYSTEM, **changed}}}}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"made": "tomorrow", "usage": {"wall_s": 2.0}, "source": {}}, []),
        ({"datasets": with_system(wall_s=9.0)}, []),
        ({"datasets": {"d": {**DATASET, "data": {**DATASET["data"], "place": "there"}}}}, []),
        ({"libraries": {"numpy": "2.2"}}, [Change("libraries", "numpy", "2.1", "2.2")]),
        ({"libraries": {}}, [Change("libraries", "numpy", "2.1", ABSENT)]),
        ({"hardware": {"cpu": "b"}}, [Change("hardware", "cpu", "a", "b")]),
        ({"seeds": {"bootstrap": 1}}, [Change("seeds", "bootstrap", 0, 1)]),
        ({"code": {"version": "1", "files": {"a.py": "2"}}}, [Change("code", "files.a.py", "1", "2")]),
        (
            {"config": {"dataset": ["d"], "systems": {"bm25": {"bm25": {"k1": 1.2}}}}},
            [Change("config", "systems.bm25.bm25.k1", 0.9, 1.2)],
        ),
        (
            {"models": {"m": {"fingerprint": "f", "folder": "there", "files": {"model.safetensors": "2"}}}},
            [Change("models", "m.files.model.safetensors", "1", "2")],
        ),
        ({"datasets": with_system(run_sha256="s")}, [Change("numbers", "d: bm25.run_sha256", "r", "s")]),
        (
            {"datasets": with_system(measures={"P@1": {"mean": 1.0, "values": [1.0, 1.0]}})},
            [
                Change("numbers", "d: bm25 P@1.mean", 0.5, 1.0),
                Change("numbers", "d: bm25 P@1 by query", "'q1': 0.0", "1 of 2 differ, such as 'q1': 1.0"),
            ],
        ),
        ({"datasets": {"e": DATASET}}, [Change("data", "d", "there", ABSENT), Change("data", "e", ABSENT, "there")]),
        ({"means": {"bm25": 1.0}}, [Change("numbers", "means.bm25", ABSENT, 1.0)]),
    ],
)
def test_manifests(changed: dict[str, object], expected: list[Change]) -> None:
    assert manifest_changes(MANIFEST, replace(MANIFEST, **changed)) == expected  # type: ignore[arg-type]


def test_trees() -> None:
    nan = float("nan")
    assert list(tree_changes("g", {"a": nan, "b": [1, {"c": 2}]}, {"a": float("nan"), "b": [1, {"c": 2}]})) == []
    assert list(tree_changes("g", {"b": [1, {"c": 2}]}, {"b": [1, {"c": 3}]})) == [Change("g", "b[1].c", 2, 3)]
    assert list(tree_changes("g", {"b": [1]}, {"b": [1, 2]})) == [Change("g", "b", "[1]", "[1, 2]")]
    assert list(tree_changes("g", {"a": 1}, {"a": True})) == [Change("g", "a", 1, True)]
    assert list(tree_changes("g", {}, {"a": {"b": 1, "c": 2}})) == [Change("g", "a", ABSENT, "b: 1, c: 2")]


def test_numbers_are_counted() -> None:
    assert count_numbers(MANIFEST) == 3
