import json
from pathlib import Path
from typing import Any

import pytest

from irloom.core.errors import ModelError
from irloom.models.encoders.folder import read_settings


def model(
    root: Path, *modules: tuple[str, str, dict[str, Any]], saved: dict[str, Any] | None = None, chain: dict[str, Any] | None = None
) -> Path:
    """A folder with the settings of a sentence-transformers model and empty weights."""
    (root / "config.json").write_text('{"model_type": "bert"}')
    (root / "model.safetensors").write_bytes(b"")
    entries = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]
    for number, (kind, path, config) in enumerate(modules, 1):
        (root / path).mkdir()
        (root / path / "config.json").write_text(json.dumps(config))
        (root / path / "model.safetensors").write_bytes(b"")
        entries.append({"idx": number, "name": str(number), "path": path, "type": kind})
    (root / "modules.json").write_text(json.dumps(entries))
    (root / "sentence_bert_config.json").write_text(json.dumps(saved or {}))
    (root / "config_sentence_transformers.json").write_text(json.dumps(chain or {}))
    return root


POOLING = ("sentence_transformers.models.Pooling", "1_Pooling", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})


def test_old_and_new_pooling_keys(tmp_path: Path) -> None:
    for name, config, expected in (
        ("old", {"pooling_mode_cls_token": True, "pooling_mode_max_tokens": True}, ("cls", "max")),
        ("new", {"pooling_mode": "lasttoken", "include_prompt": False}, ("lasttoken",)),
        ("both", {"pooling_mode": ["mean", "max"]}, ("mean", "max")),
        ("none", {}, ("mean",)),
    ):
        (tmp_path / name).mkdir()
        found = read_settings(model(tmp_path / name, (POOLING[0], "1_Pooling", config)))
        assert found.pooling == expected
        assert found.prompt_pooled is (name != "new")


def test_prompts_limits_and_width(tmp_path: Path) -> None:
    chain = {"prompts": {"query": "q: ", "passage": "p: "}, "truncate_dim": 64}
    found = read_settings(model(tmp_path, POOLING, saved={"max_seq_length": 99, "do_lower_case": True}, chain=chain))
    assert (found.query_prompt, found.document_prompt, found.truncate_dim) == ("q: ", "p: ", 64)
    assert (found.max_tokens, found.lower, found.normalize, found.foreign) == (99, True, False, "")


def test_dense_and_normalize(tmp_path: Path) -> None:
    dense = {"in_features": 32, "out_features": 8, "activation_function": "torch.nn.modules.linear.Identity"}
    found = read_settings(model(tmp_path, POOLING, ("a.b.Dense", "2_Dense", dense), ("a.b.Normalize", "3_Normalize", {})))
    assert [(layer.activation, layer.width) for layer in found.layers] == [("Identity", 8)]
    assert found.normalize
    assert found.foreign == ""


@pytest.mark.parametrize(
    ("modules", "saved", "foreign"),
    [
        ([POOLING, ("x.LayerNorm", "2_LayerNorm", {})], {}, "LayerNorm"),
        ([POOLING, ("x.Dense", "2_Dense", {"out_features": 3, "activation_function": "mine.Odd"})], {}, "Dense"),
        ([POOLING, ("x.Normalize", "2_N", {}), ("x.Dense", "3_Dense", {"out_features": 3})], {}, "Dense"),
        ([], {}, "Transformer without Pooling"),
        ([POOLING], {"transformer_task": "fill-mask"}, "Transformer(fill-mask)"),
        ([POOLING], {"modality_config": {"text": {}, "image": {}}}, "Transformer(image, text)"),
    ],
)
def test_what_irloom_does_not_know_is_named(tmp_path: Path, modules: list[Any], saved: dict[str, Any], foreign: str) -> None:
    assert read_settings(model(tmp_path, *modules, saved=saved)).foreign == foreign


def test_unknown_pooling(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"unknown pooling 'medial'; known: cls, max, mean"):
        read_settings(model(tmp_path, (POOLING[0], "1_Pooling", {"pooling_mode": "medial"})))


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is not a model folder: .*config\.json is missing"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"), [("{", "not readable as JSON"), ("{}", "expected a JSON list"), ("[{}]", "needs 'type' and 'path'")]
)
def test_a_broken_list_of_modules(tmp_path: Path, text: str, problem: str) -> None:
    model(tmp_path).joinpath("modules.json").write_text(text)
    with pytest.raises(ModelError, match=problem):
        read_settings(tmp_path)
