"""Sequence classification over packed pairs: one row of logits a pair."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from torch import Tensor
from torch.nn import functional

from irloom.models.batching import Pack
from irloom.models.networks.packed_bert import PackedBert
from irloom.models.networks.padded import PaddedNetwork


class Classifier(Protocol):
    """Logits, float32 (n, labels), one row a sequence."""

    name: str
    labels: int

    def logits(self, batch: Pack) -> Tensor: ...


class PaddedClassifier:
    """Any transformers sequence-classification model."""

    name = "transformers"

    def __init__(self, model: Any, device: str) -> None:
        self.network = PaddedNetwork(model, device)
        self.labels = int(model.config.num_labels)

    def logits(self, batch: Pack) -> Tensor:
        out: Tensor = self.network.model(**self.network.inputs(batch)).logits
        return out.float()


class PackedClassifier:
    """A BERT-like sequence-classification model, packed; its last layer is computed for the first token alone.

    The head is a dense layer on the first token's state, a hyperbolic tangent (ELECTRA: GELU), and the logits' layer.
    """

    name = "packed"

    def __init__(self, config: Mapping[str, Any], base: Mapping[str, Tensor], head: Mapping[str, Tensor]) -> None:
        """Takes the weights of the base model and those beside it ("classifier.weight"), under transformers' names.

        Raises:
            KeyError: a weight is missing.
        """
        self.network = PackedBert(config, base)
        bert = config["model_type"] == "bert"
        self.activation: Callable[[Tensor], Tensor] = functional.gelu if config["model_type"] == "electra" else Tensor.tanh
        source, dense, out = (base, "pooler.dense", "classifier") if bert else (head, "classifier.dense", "classifier.out_proj")
        self.dense = (source[f"{dense}.weight"], source[f"{dense}.bias"])
        self.out = (head[f"{out}.weight"], head[f"{out}.bias"])
        self.labels = len(self.out[0])

    def logits(self, batch: Pack) -> Tensor:
        return functional.linear(self.activation(functional.linear(self.network.first(batch), *self.dense)), *self.out)
