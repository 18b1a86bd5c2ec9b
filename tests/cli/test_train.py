"""`irloom train`: a model from a recipe."""

import json

import pytest

from tests.training.small import make_source, small_dataset


@pytest.fixture
def recipe(tmp_path):
    data, source = small_dataset(tmp_path / "data"), tmp_path / "source"
    source.mkdir()
    content = {
        "name": "tiny",
        "source": str(make_source(source)),
        "datasets": {str(data): 1},
        "held_out": {str(data): "test"},
        "candidates": 12,
        "batch": 6,
        "model": {"dim": 16, "layers": 2, "heads": 2, "inner": 16, "context": 256, "vocabulary": 200},
        "optimiser": {"every": 2},
        "stages": [{"name": "answer", "steps": 4, "documents": [3, 3], "losses": {"best": 1, "answer": 1}}],
    }
    path = tmp_path / "tiny.yaml"
    path.write_text(json.dumps(content))
    return path


def test_a_model_is_found_by_its_name(irloom, recipe, tmp_path, monkeypatch) -> None:
    """It lands in the cache, and a second training does not touch it."""
    from irloom.models.decoders.decoder import Decoder

    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path / "cache"))
    done = irloom("train", recipe)
    assert done.code == 0, done.err
    assert "tiny: 4 steps; the model is in" in done.out
    assert "step 4" in done.err
    assert "answer" in done.err
    assert Decoder("tiny").folder == tmp_path / "cache" / "models" / "tiny"
    again = irloom("train", recipe)
    assert again.code != 0
    assert "there already" in again.err


def test_a_folder_of_ones_own(irloom, recipe, tmp_path) -> None:
    done = irloom("train", recipe, "--output", tmp_path / "mine")
    assert done.code == 0, done.err
    assert (tmp_path / "mine" / "config.json").is_file()
    assert not (tmp_path / "mine.work").exists()


def test_an_unknown_key_names_the_nearest(irloom, recipe, tmp_path) -> None:
    recipe.write_text(recipe.read_text().replace('"steps"', '"stps"'))
    done = irloom("train", recipe, "--output", tmp_path / "mine")
    assert done.code == 2
    assert "Did you mean 'steps'?" in done.err
    assert not (tmp_path / "mine.work").exists()
