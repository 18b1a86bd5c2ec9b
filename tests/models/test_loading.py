import os
from pathlib import Path

import pytest

from irloom.core.errors import MissingExtra, ModelError
from irloom.models import loading
from irloom.models.loading import check_weights, content_hash, model_folder, pick_device, read_json


def test_a_short_name_whose_package_is_missing_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "SHORT_NAMES", {"minilm": ("a_package_that_nobody_has", "demo")})
    with pytest.raises(MissingExtra, match=r"DenseEncoder\('minilm'\) needs .* pip install 'irloom\[demo\]'"):
        model_folder("minilm", purpose="DenseEncoder")


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert model_folder(tmp_path, purpose="DenseEncoder") == tmp_path
    assert model_folder(os.fspath(tmp_path), purpose="DenseEncoder") == tmp_path


def test_a_model_of_the_cache_is_known_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("small_reranker", "org/name"):
        (tmp_path / "models" / name).mkdir(parents=True)
        assert model_folder(name, purpose="Decoder") == tmp_path / "models" / name
    (tmp_path / "small_reranker").mkdir()
    assert model_folder("small_reranker", purpose="Decoder") == Path("small_reranker")  # a folder that is named comes first


@pytest.mark.parametrize("name", ["/no/such/folder", "./nowhere", "a/b/c", ""])
def test_a_path_without_a_folder_is_not_asked_of_the_hub(name: str) -> None:
    with pytest.raises(ModelError, match=r"no model folder at .*or \(for an encoder\) minilm"):
        model_folder(name, purpose="DenseEncoder")


def test_a_hub_id_that_cannot_be_had_offline_says_what_to_do() -> None:
    pytest.importorskip("huggingface_hub", reason="the extra 'models' is not installed")
    with pytest.raises(
        ModelError, match=r"'nobody/nothing' is not a folder here, nor in .*models, and the hub does not give it .*address of the server"
    ):
        model_folder("nobody/nothing", purpose="DenseEncoder")


@pytest.mark.parametrize("device", ["no_such_device", "cuda:999"])
def test_a_device_that_is_not_here_says_what_to_do(device: str) -> None:
    pytest.importorskip("torch", reason="the extra 'models' is not installed")
    with pytest.raises(ModelError, match=rf"the device '{device}' cannot be used here .*name another, such as 'cpu'"):
        pick_device(device)
    assert pick_device("cpu") == "cpu"


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no"):
        check_weights(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="pickled weights"):
        check_weights(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"")
    check_weights(tmp_path)


def test_broken_json_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    assert read_json(path) == {}
    path.write_text("{")
    with pytest.raises(ModelError, match=r"config\.json: not readable as JSON"):
        read_json(path)
    path.write_text("[]")
    with pytest.raises(ModelError, match="expected a JSON object, found list"):
        read_json(path)


def test_the_hash_follows_weights_and_tokenizer_but_not_versions(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"hidden_size": 4, "transformers_version": "5.0"}')
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = content_hash(tmp_path)
    (tmp_path / "config.json").write_text('{"transformers_version": "5.1", "hidden_size": 4}')
    assert content_hash(tmp_path) == first
    (tmp_path / "vocab.txt").write_text("a")
    second = content_hash(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert len({first, second, content_hash(tmp_path)}) == 3
