"""What a model folder says of itself: sentence-transformers' modules, pooling, prompts, limits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irloom.core.errors import ModelError
from irloom.models.loading import check_weights, read_json

POOLINGS = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
"""Ways of pooling under sentence-transformers' names."""

_LEGACY_POOLINGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_SETTINGS_FILES = tuple(
    f"sentence_{name}_config.json" for name in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU")
"""torch.nn classes that a Dense module may name."""


@dataclass(frozen=True, slots=True)
class DenseLayer:
    """A Dense module after the pooling: its folder and its activation's class name in torch.nn."""

    folder: Path
    activation: str
    width: int


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What a folder says of itself.

    Attributes:
        folder: the folder of the transformer: weights, config and tokenizer.
        pooling: names from POOLINGS; several are joined end to end.
        prompt_pooled: whether the prompt's tokens take part in the pooling.
        layers: Dense modules, in order.
        normalize: whether a Normalize module ends the chain.
        prompts: prompt name to text.
        max_tokens: the limit that the folder sets, None where it leaves it to the tokenizer.
        lower: whether text is lower-cased before the tokenizer.
        truncate_dim: the width that the folder asks for, None for all.
        foreign: class of the first module that irloom does not know; empty where it knows all of them.
    """

    folder: Path
    pooling: tuple[str, ...] = ("mean",)
    prompt_pooled: bool = True
    layers: tuple[DenseLayer, ...] = ()
    normalize: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    max_tokens: int | None = None
    lower: bool = False
    truncate_dim: int | None = None
    foreign: str = ""

    @property
    def query_prompt(self) -> str:
        """The prompt before a query: "query", empty where the folder has none."""
        return self.prompts.get("query", "")

    @property
    def document_prompt(self) -> str:
        """The prompt before a document: "document", "passage" or "corpus", the first that the folder has."""
        return next((self.prompts[name] for name in ("document", "passage", "corpus") if name in self.prompts), "")


def read_settings(folder: Path) -> ModelSettings:
    """Reads a sentence-transformers folder, or a plain transformers folder, which is pooled by its mean.

    Raises:
        ModelError: there is no config.json, the weights are not safetensors, or a module's settings cannot be read.
    """
    modules = module_chain(folder)
    root = folder / modules[0][1] if modules else folder
    if modules and modules[0][0] != "Transformer":
        return ModelSettings(folder, foreign=modules[0][0])
    if not (root / "config.json").is_file():
        raise ModelError(f"{folder} is not a model folder: {root / 'config.json'} is missing")
    check_weights(root)
    saved = next((found for name in _SETTINGS_FILES if (found := read_json(root / name))), {})
    chain = read_json(folder / "config_sentence_transformers.json")
    values: dict[str, Any] = {
        "max_tokens": saved.get("max_seq_length"),
        "lower": bool(saved.get("do_lower_case", False)),
        "prompts": {name: text for name, text in (chain.get("prompts") or {}).items() if isinstance(text, str)},
        "truncate_dim": chain.get("truncate_dim"),
        "foreign": _foreign_transformer(saved),
    }
    layers: list[DenseLayer] = []
    for kind, path in modules[1:]:
        if kind == "Pooling":
            values |= _pooling(folder / path)
        elif kind == "Dense" and "normalize" not in values and (layer := _dense(folder / path)) is not None:
            layers.append(layer)
        elif kind == "Normalize":
            values["normalize"] = True
        elif kind != "Dropout":
            values["foreign"] = values["foreign"] or kind
    if modules and "pooling" not in values:
        values["foreign"] = values["foreign"] or "Transformer without Pooling"
    return ModelSettings(root, layers=tuple(layers), **values)


def module_chain(folder: Path) -> list[tuple[str, str]]:
    """(class name, path) of each module, in order; empty for a plain transformers folder."""
    path = folder / "modules.json"
    if not path.is_file():
        return []
    entries = read_json_list(path)
    try:
        return [(str(entry["type"]).rpartition(".")[2], str(entry["path"])) for entry in entries]
    except (KeyError, TypeError) as error:
        raise ModelError(f"{path}: each module needs 'type' and 'path'") from error


def read_json_list(path: Path) -> list[Any]:
    """A JSON list from a file of a model folder.

    Raises:
        ModelError: the file is not a JSON list.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not readable as JSON ({error})") from error
    if not isinstance(value, list):
        raise ModelError(f"{path}: expected a JSON list, found {type(value).__name__}")
    return value


def _foreign_transformer(saved: Mapping[str, Any]) -> str:
    """Names what a Transformer module asks for beyond token states of text; empty where it asks for nothing more."""
    if saved.get("transformer_task", "feature-extraction") not in ("feature-extraction", None):
        return f"Transformer({saved['transformer_task']})"
    if saved.get("query_expansion"):
        return "Transformer(query_expansion)"
    modalities = saved.get("modality_config")
    if modalities and set(modalities) != {"text"}:
        return f"Transformer({', '.join(sorted(map(str, modalities)))})"
    return ""


def _pooling(folder: Path) -> dict[str, Any]:
    config = read_json(folder / "config.json")
    modes = config.get("pooling_mode")
    if modes is None:
        modes = [name for key, name in _LEGACY_POOLINGS.items() if config.get(key)] or ["mean"]
    names = (modes,) if isinstance(modes, str) else tuple(modes)
    for name in names:
        if name not in POOLINGS:
            raise ModelError(f"{folder / 'config.json'}: unknown pooling {name!r}; known: {', '.join(POOLINGS)}")
    return {"pooling": names, "prompt_pooled": bool(config.get("include_prompt", True))}


def _dense(folder: Path) -> DenseLayer | None:
    """A Dense module on the pooled vector, or None where it is of another kind."""
    config = read_json(folder / "config.json")
    activation = str(config.get("activation_function", "torch.nn.modules.activation.Tanh")).rpartition(".")[2]
    plain = config.get("module_input_name", "sentence_embedding") == "sentence_embedding" and not config.get("use_residual")
    plain = plain and config.get("module_output_name") in (None, "sentence_embedding")
    if activation not in ACTIVATIONS or not plain:
        return None
    check_weights(folder)
    return DenseLayer(folder, activation, int(config["out_features"]))
