"""From a model folder to a network: packed where irloom computes the architecture itself, transformers' own otherwise."""

from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file
from torch import Tensor, nn

from irloom.core.errors import ModelError
from irloom.models.loading import quiet_loading
from irloom.models.networks.contract import Network
from irloom.models.networks.packed_bert import PackedBert, packable
from irloom.models.networks.padded import PaddedNetwork


def load_model(folder: Path, kind: str, *, dtype: str, remote_code: bool, whole: bool = False) -> Any:
    """A transformers model in evaluation mode.

    Args:
        folder: holds config.json and safetensors weights.
        kind: the class in transformers that reads it, such as "AutoModel".
        dtype: "float32", "float16" or "bfloat16".
        remote_code: whether the folder's own Python code may run.
        whole: whether a pooler that the folder does not have is an error too; missing weights would be random.

    Raises:
        ModelError: transformers cannot load it, or weights are missing.
    """
    try:
        with quiet_loading():
            model, report = getattr(transformers, kind).from_pretrained(
                str(folder),
                dtype=getattr(torch, dtype),
                use_safetensors=True,
                trust_remote_code=remote_code,
                output_loading_info=True,
            )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise ModelError(f"{folder}: the weights cannot be loaded ({error})") from error
    missing = sorted(name for name in report["missing_keys"] if whole or "pooler" not in name)
    if missing:
        raise ModelError(f"{folder} has no trained weights for {', '.join(missing[:4])}; it is not a model of the kind {kind} asks for")
    return model.eval()


def network_for(model: Any, *, device: str, dtype: str, backend: str) -> Network:
    """The network that computes a base model on a device.

    Args:
        model: a transformers base model.
        device: a torch device.
        dtype: the computing type.
        backend: "packed", "transformers", or "auto" for the faster one that can.

    Raises:
        ModelError: "packed" was asked for and cannot compute this model so.
    """
    return PackedBert(model) if may_pack(model, device=device, dtype=dtype, backend=backend) else PaddedNetwork(model, device)


def may_pack(model: Any, *, device: str, dtype: str, backend: str) -> bool:
    """Whether irloom's own forward pass computes a base model.

    Raises:
        ModelError: backend "packed" was asked for and cannot.
    """
    fits = packable(model.config) and device == "cpu" and dtype == "float32"
    if backend == "packed" and not fits:
        raise ModelError(
            f"backend 'packed' computes BERT-like models in float32 on the CPU, not {model.config.model_type!r} in {dtype} on {device!r}"
        )
    return bool(fits and backend != "transformers")


class DenseModule:
    """A linear layer and an activation after the pooling."""

    def __init__(self, folder: Path, activation: str, device: str) -> None:
        weights = {name: tensor.float().to(device) for name, tensor in load_file(str(folder / "model.safetensors")).items()}
        self.weight, self.bias = weights["linear.weight"], weights.get("linear.bias")
        self.activation = getattr(nn, activation)()

    def __call__(self, vectors: Tensor) -> Tensor:
        out: Tensor = self.activation(nn.functional.linear(vectors, self.weight, self.bias))
        return out
