"""Resolved nodes: defaults filled in, numbers in the place of `tune`, and the same system when built again."""

from pathlib import Path

import pytest
import yaml

from irloom.pipelines.resolve import own_settings, resolved, whole_path


def test_defaults_are_filled_in() -> None:
    node = resolved({"bm25": {"k1": 1.2}})
    assert node == {
        "bm25": {"analyzer": "english", "k1": 1.2, "b": 0.4, "variant": "lucene", "delta": None, "threads": 1},
    }
    assert resolved({"bm25": None}) == resolved({"bm25": {}})


def test_stages_within_stages() -> None:
    node = resolved(["weighted", {"rrf": {"of": ["a", {"bm25": {}}]}}, {"maxsim": {"encoder": {"dense_encoder": {"model": "minilm"}}}}])
    assert node[0] == "weighted"
    maxsim = node[2]["maxsim"]
    assert maxsim["depth"] == 100
    assert maxsim["encoder"]["dense_encoder"]["dtype"] == "float32"
    assert "part" not in maxsim
    fused = resolved({"rrf": {"of": ["a", {"bm25": {}}]}})["rrf"]
    assert fused["of"][0] == "a"
    assert fused["of"][1]["bm25"]["b"] == 0.4
    assert fused["c"] == 60


def test_tuned_numbers_take_the_place() -> None:
    built = {"weighted": {"of": ["a", "b"], "weights": [0.25, 0.75], "part": "x"}}
    node = resolved({"weighted": {"of": ["a", "b"], "weights": "tune"}}, built)
    assert node["weighted"]["weights"] == [0.25, 0.75]
    assert node["weighted"]["normalise"] == "minmax"
    inside = resolved([{"weighted": {"of": ["a"], "weights": "tune"}}, "maxsim"], [built, "maxsim"])
    assert inside[0]["weighted"]["weights"] == [0.25, 0.75]
    assert "maxsim" in inside[1]


def test_one_name_in_several_tables() -> None:
    node = resolved(
        ["a", {"cached": {"reranker": {"cross_encoder": {"model": {"cached": {"scorer": {"cross_encoder": {"model": "m"}}}}}}}}]
    )
    reranker = node[1]["cached"]["reranker"]["cross_encoder"]
    assert reranker["depth"] == 100
    assert resolved(["a", {"cross_encoder": {"model": "m"}}])[1]["cross_encoder"]["model"]["cross_encoder"]["model"] == "m"
    assert reranker["model"]["cached"]["max_mb"] == 1024
    assert reranker["model"]["cached"]["scorer"]["cross_encoder"]["truncation"] == "document"


def test_resolved_is_resolved() -> None:
    node = resolved(
        [{"weighted": {"of": [{"bm25": {}}, {"dense": {"encoder": "minilm"}}], "weights": [1, 2]}}, {"maxsim": {"encoder": "m"}}]
    )
    assert resolved(node) == node


def test_paths_become_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "m").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert whole_path("models/m") == str(tmp_path / "models" / "m")
    assert whole_path("organisation/name") == "organisation/name"
    assert whole_path("models") == "models"
    encoder = resolved({"dense": {"encoder": "models/m"}})["dense"]["encoder"]
    assert encoder["dense_encoder"]["model"] == str(tmp_path / "models" / "m")
    assert encoder["dense_encoder"]["dtype"] == "float32"


def test_own_settings_are_those_that_are_no_defaults() -> None:
    assert own_settings("encoder", "dense_encoder", {"model": "minilm", "dtype": "float32", "pooling": None}) == {"model": "minilm"}
    assert own_settings("encoder", "dense_encoder", {"model": "minilm", "dtype": "float16"}) == {"model": "minilm", "dtype": "float16"}
    assert own_settings("encoder", "nonsense", {"a": 1}) == {"a": 1}


def test_generators_and_mappings_are_plain_yaml() -> None:
    node = resolved(["a", {"listwise": {"model": {"openai_chat": {"model": "m"}}}}, {"icr": {"model": {"decoder": {"model": "d"}}}}])
    chat = node[1]["listwise"]["model"]["openai_chat"]
    assert chat["temperature"] == 0.0
    assert node[2]["icr"]["model"]["decoder"]["dtype"] == "float32"
    assert yaml.safe_load(yaml.safe_dump(node)) == node
