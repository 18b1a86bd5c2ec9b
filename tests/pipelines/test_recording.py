"""From what was done to the manifest."""

from pathlib import Path

import pytest
import yaml

from irloom.pipelines.manifest import read_manifest
from irloom.pipelines.recording import write_config
from irloom.pipelines.running import run_experiment
from tests.models.tiny import save_model


def test_two_folders_of_one_name_are_two_models(folder: Path, tmp_path: Path) -> None:
    models = [save_model(tmp_path / place / "model", "bert", seed=seed) for seed, place in enumerate(("a", "b"))]
    systems = {place.parent.name: {"dense": {"encoder": str(place)}} for place in models}
    path = tmp_path / "e.yaml"
    path.write_text(yaml.safe_dump({"dataset": str(folder), "systems": systems, "k": 5}))
    run_experiment(path, output=tmp_path / "out")
    manifest = read_manifest(tmp_path / "out")
    assert list(manifest.models) == [str(place) for place in models]
    assert len({model["fingerprint"] for model in manifest.models.values()}) == 2
    parts = manifest.datasets["animals"]["collection"]["parts"]
    assert len(parts) == 2  # neither system reads the other's vectors
    runs = [(tmp_path / "out" / "runs" / f"{name}.trec").read_text().replace(f" {name}\n", "\n") for name in systems]
    assert runs[0] != runs[1]


def test_one_folder_with_other_settings_is_named_with_its_fingerprint(folder: Path, tmp_path: Path) -> None:
    model = str(save_model(tmp_path / "m", "bert"))
    systems = {pooling: {"dense": {"encoder": {"dense_encoder": {"model": model, "pooling": pooling}}}} for pooling in ("mean", "cls")}
    path = tmp_path / "e.yaml"
    path.write_text(yaml.safe_dump({"dataset": str(folder), "systems": systems, "k": 5}))
    run_experiment(path, output=tmp_path / "out")
    first, second = read_manifest(tmp_path / "out").models
    assert first == model
    assert second.startswith(f"{model} (dense:")


@pytest.mark.parametrize("config", [{"dataset": ["a"], "systems": {"é": {"bm25": {"k1": 0.1, "delta": None}}}, "k": 10}])
def test_the_configuration_is_a_yaml(config: dict[str, object], tmp_path: Path) -> None:
    write_config(tmp_path, config)
    text = (tmp_path / "experiment.yaml").read_text()
    assert text.startswith("# What was run in the end")
    assert yaml.safe_load(text) == config
