"""From a model folder to a network: irloom's own where it computes the architecture, transformers' otherwise.

Irloom's own network reads the safetensors file itself: transformers, which takes seconds to import, is not needed for it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.loading import quiet_loading, read_json
from irloom.models.networks.classifier import Classifier, PackedClassifier, PaddedClassifier
from irloom.models.networks.contract import Network
from irloom.models.networks.packed_bert import PackedBert, packable
from irloom.models.networks.padded import PaddedNetwork

_PREFIXES = ("bert.", "roberta.", "electra.")
"""What stands before the base model's names in the weights of a model with a head."""


def load_network(folder: Path, *, device: str, dtype: str, backend: str, remote_code: bool) -> Network:
    """The network of a folder, ready to compute hidden states.

    Args:
        folder: holds config.json and safetensors weights.
        device: a torch device.
        dtype: "float32", "float16" or "bfloat16".
        backend: "packed", "transformers", or "auto" for the faster one that can.
        remote_code: whether the folder's own Python code may run.

    Raises:
        ModelError: it cannot be loaded, or "packed" was asked for and cannot compute it.
    """
    config = read_json(folder / "config.json")
    if _may_pack(config, device=device, dtype=dtype, backend=backend):
        base, _ = _split(read_weights(folder))
        try:
            return PackedBert(config, base)
        except KeyError as error:
            raise _missing(folder, error) from error
    return PaddedNetwork(load_model(folder, "AutoModel", dtype=dtype, remote_code=remote_code), device)


def load_classifier(folder: Path, *, device: str, dtype: str, backend: str, remote_code: bool) -> Classifier:
    """The sequence classifier of a folder; arguments and errors are those of `load_network`."""
    config = read_json(folder / "config.json")
    if _may_pack(config, device=device, dtype=dtype, backend=backend):
        base, head = _split(read_weights(folder))
        try:
            return PackedClassifier(config, base, head)
        except KeyError as error:
            raise _missing(folder, error) from error
    model = load_model(folder, "AutoModelForSequenceClassification", dtype=dtype, remote_code=remote_code, whole=True)
    return PaddedClassifier(model, device)


def _may_pack(config: Mapping[str, Any], *, device: str, dtype: str, backend: str) -> bool:
    fits = packable(config) and device == "cpu" and dtype == "float32"
    if backend == "packed" and not fits:
        found = f"{config.get('model_type')!r} in {dtype} on {device!r}"
        raise ModelError(f"backend 'packed' computes BERT-like models in float32 on the CPU, not {found}")
    return fits and backend != "transformers"


def _missing(folder: Path, error: KeyError) -> ModelError:
    return ModelError(f"{folder} has no trained weights for {error.args[0]}; it is not a model of the kind that is asked for")


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The weights of a folder as float32, by name; old names of layer norms get their new ones.

    Raises:
        ModelError: a file cannot be read.
    """
    safetensors = require("safetensors.torch", extra="models")
    shards = read_json(folder / "model.safetensors.index.json").get("weight_map", {})
    weights: dict[str, Tensor] = {}
    for name in sorted(set(shards.values())) or ["model.safetensors"]:
        try:
            weights |= safetensors.load_file(str(folder / name))
        except (OSError, require("safetensors", extra="models").SafetensorError) as error:
            raise ModelError(f"{folder / name}: the weights cannot be read ({error})") from error
    return {_new_name(name): weight.float() for name, weight in weights.items() if weight.is_floating_point()}


def _new_name(name: str) -> str:
    return name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")


def _split(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Weights of the base model, without a prefix, and those beside it."""
    base: dict[str, Tensor] = {}
    head: dict[str, Tensor] = {}
    for name, weight in weights.items():
        prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
        (head if name.startswith("classifier.") else base)[name.removeprefix(prefix)] = weight
    return base, head


def load_model(folder: Path, kind: str, *, dtype: str, remote_code: bool, whole: bool = False, attention: str | None = None) -> Any:
    """A transformers model in evaluation mode.

    Args:
        folder: holds config.json and safetensors weights.
        kind: the class in transformers that reads it, such as "AutoModel".
        dtype: "float32", "float16" or "bfloat16".
        remote_code: whether the folder's own Python code may run.
        whole: whether a pooler that the folder does not have is an error too; missing weights would be random.
        attention: the name under which transformers knows how attention is computed; its own choice when left out.

    Raises:
        ModelError: transformers cannot load it, or weights are missing.
    """
    transformers = require("transformers", extra="models")
    damaged = require("safetensors", extra="models").SafetensorError
    try:
        with quiet_loading():
            model, report = getattr(transformers, kind).from_pretrained(
                str(folder),
                dtype=getattr(torch, dtype),
                use_safetensors=True,
                trust_remote_code=remote_code,
                output_loading_info=True,
                attn_implementation=attention,
            )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, TypeError, AttributeError, damaged) as error:
        raise ModelError(f"{folder}: the weights cannot be loaded ({error})") from error
    missing = sorted(name for name in report["missing_keys"] if whole or "pooler" not in name)
    if missing:
        raise ModelError(f"{folder} has no trained weights for {', '.join(missing[:4])}; it is not a model of the kind {kind} asks for")
    return model.eval()


class DenseModule:
    """A linear layer and an activation after the pooling."""

    def __init__(self, folder: Path, activation: str, device: str) -> None:
        weights = {name: weight.to(device) for name, weight in read_weights(folder).items()}
        self.weight, self.bias = weights["linear.weight"], weights.get("linear.bias")
        self.activation = getattr(nn, activation)()

    def __call__(self, vectors: Tensor) -> Tensor:
        out: Tensor = self.activation(nn.functional.linear(vectors, self.weight, self.bias))
        return out
