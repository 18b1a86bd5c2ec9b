"""BERT's forward pass over packed sequences: no padding anywhere, so no multiplication is spent on it.

Paper: Devlin, Chang, Lee, Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from irloom.models.batching import Pack

MODEL_TYPES = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra"})
"""Model types whose layers are BERT's, under BERT's names."""

_ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "gelu": torch.ops.aten.gelu_,
    "relu": torch.relu_,
    "silu": lambda states: functional.silu(states, inplace=True),
    "gelu_new": lambda states: torch.ops.aten.gelu_(states, approximate="tanh"),
    "gelu_pytorch_tanh": lambda states: torch.ops.aten.gelu_(states, approximate="tanh"),
}


_NEEDED = ("hidden_size", "num_attention_heads", "num_hidden_layers", "layer_norm_eps")


@dataclass(frozen=True, slots=True)
class _Norm:
    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, states: Tensor) -> Tensor:
        return torch.layer_norm(states, (states.shape[-1],), self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer's weights. `qkv` joins query, key and value in this order."""

    qkv: tuple[Tensor, Tensor]
    output: tuple[Tensor, Tensor]
    attention_norm: _Norm
    up: tuple[Tensor, Tensor]
    down: tuple[Tensor, Tensor]
    norm: _Norm


def packable(config: Mapping[str, Any]) -> bool:
    """Whether a model's configuration (config.json) describes a network that PackedBert computes."""
    return (
        config.get("model_type") in MODEL_TYPES
        and config.get("hidden_act") in _ACTIVATIONS
        and config.get("position_embedding_type") in ("absolute", None)
        and not config.get("is_decoder")
        and not config.get("add_cross_attention")
        and all(config.get(key) is not None for key in _NEEDED)
        and (config["model_type"] in ("bert", "electra") or config.get("pad_token_id") is not None)
    )


class PackedBert:
    """BERT and its relatives (RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA) as a packed network on the CPU, float32.

    Differs: the padded original multiplies padding too; the results are equal to float32 rounding.
    """

    name = "packed"

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, Tensor]) -> None:
        """Takes the weights of a base model under transformers' names ("embeddings.word_embeddings.weight").

        Raises:
            KeyError: a weight is missing.
        """
        self.width = int(config["hidden_size"])
        self.heads = int(config["num_attention_heads"])
        self.activation = _ACTIVATIONS[config["hidden_act"]]
        epsilon = float(config["layer_norm_eps"])
        self.words = weights["embeddings.word_embeddings.weight"]
        self.types = weights["embeddings.token_type_embeddings.weight"]
        first = 0 if config["model_type"] in ("bert", "electra") else int(config["pad_token_id"]) + 1
        self.positions = weights["embeddings.position_embeddings.weight"][first:]
        self.embedding_norm = _norm(weights, "embeddings.LayerNorm", epsilon)
        self.projection = _linear(weights, "embeddings_project") if "embeddings_project.weight" in weights else None
        self.layers = [_layer(weights, f"encoder.layer.{number}.", epsilon) for number in range(int(config["num_hidden_layers"]))]

    def hidden(self, batch: Pack) -> Tensor:
        groups = _groups(batch.lengths)
        states = self._embed(batch)
        for layer in self.layers:
            states = self._layer(states, layer, groups)
        return states

    def first(self, batch: Pack) -> Tensor:
        """The last hidden state of each sequence's first token, float32 (n, width).

        The last layer is computed for that token alone; keys and values still come from all of them.
        """
        groups = _groups(batch.lengths)
        states = self._embed(batch)
        for layer in self.layers[:-1]:
            states = self._layer(states, layer, groups)
        layer = self.layers[-1]
        starts = states[torch.from_numpy(batch.offsets[:-1])]
        weight, bias = layer.qkv
        query = functional.linear(starts, weight[: self.width], bias[: self.width])
        keys = functional.linear(states, weight[self.width :], bias[self.width :])
        return self._after_attention(self._attend_first(query, keys, groups), starts, layer)

    def _attend_first(self, query: Tensor, keys: Tensor, groups: list[tuple[int, int, int]]) -> Tensor:
        """Attention of one query a sequence over the keys and values of its own tokens."""
        out = torch.empty_like(query)
        row = 0
        for start, count, length in groups:
            parts = keys[start : start + count * length].view(count, length, 2, self.heads, -1).permute(2, 0, 3, 1, 4)
            asked = query[row : row + count].view(count, self.heads, 1, -1)
            out[row : row + count] = functional.scaled_dot_product_attention(asked, parts[0], parts[1]).reshape(count, -1)
            row += count
        return out

    def _embed(self, batch: Pack) -> Tensor:
        ids = torch.from_numpy(batch.ids)
        places = torch.from_numpy(np.arange(len(batch.ids), dtype=np.int64) - np.repeat(batch.offsets[:-1], batch.lengths))
        states = functional.embedding(ids, self.words)
        states += functional.embedding(places, self.positions)
        states += self.types[0] if batch.types is None else functional.embedding(torch.from_numpy(batch.types), self.types)
        states = self.embedding_norm(states)
        return states if self.projection is None else functional.linear(states, *self.projection)

    def _layer(self, states: Tensor, layer: _Layer, groups: list[tuple[int, int, int]]) -> Tensor:
        return self._after_attention(self._attend(functional.linear(states, *layer.qkv), groups), states, layer)

    def _after_attention(self, attended: Tensor, states: Tensor, layer: _Layer) -> Tensor:
        mixed = layer.attention_norm(functional.linear(attended, *layer.output).add_(states))
        inner = self.activation(functional.linear(mixed, *layer.up))
        return layer.norm(functional.linear(inner, *layer.down).add_(mixed))

    def _attend(self, qkv: Tensor, groups: list[tuple[int, int, int]]) -> Tensor:
        """Attention inside each sequence; sequences of one length that lie side by side go together."""
        out = qkv.new_empty(len(qkv), self.width)
        for start, count, length in groups:
            stop = start + count * length
            parts = qkv[start:stop].view(count, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2])
            out[start:stop].view(count, length, self.heads, -1).copy_(mixed.transpose(1, 2))
        return out


def _groups(lengths: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(first token, sequences, length) of each run of equally long sequences."""
    groups: list[tuple[int, int, int]] = []
    start = 0
    for length in lengths.tolist():
        if groups and groups[-1][2] == length:
            groups[-1] = (groups[-1][0], groups[-1][1] + 1, length)
        else:
            groups.append((start, 1, length))
        start += length
    return groups


def _norm(weights: Mapping[str, Tensor], name: str, epsilon: float) -> _Norm:
    return _Norm(weights[f"{name}.weight"], weights[f"{name}.bias"], epsilon)


def _linear(weights: Mapping[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _layer(weights: Mapping[str, Tensor], name: str, epsilon: float) -> _Layer:
    parts = [_linear(weights, f"{name}attention.self.{part}") for part in ("query", "key", "value")]
    return _Layer(
        (torch.cat([weight for weight, _ in parts]), torch.cat([bias for _, bias in parts])),
        _linear(weights, f"{name}attention.output.dense"),
        _norm(weights, f"{name}attention.output.LayerNorm", epsilon),
        _linear(weights, f"{name}intermediate.dense"),
        _linear(weights, f"{name}output.dense"),
        _norm(weights, f"{name}output.LayerNorm", epsilon),
    )
