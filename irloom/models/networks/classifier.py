"""Sequence classification over packed pairs: one row of logits a pair."""

from typing import Any, Protocol

import torch
from torch import Tensor

from irloom.models.batching import Pack
from irloom.models.networks.packed_bert import PackedBert
from irloom.models.networks.padded import PaddedNetwork

_PACKED_HEADS = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "electra"})


class Classifier(Protocol):
    """Logits, float32 (n, labels), one row a sequence."""

    name: str

    def logits(self, batch: Pack) -> Tensor: ...


class PaddedClassifier:
    """Any transformers sequence-classification model."""

    name = "transformers"

    def __init__(self, model: Any, device: str) -> None:
        self.network = PaddedNetwork(model, device)

    def logits(self, batch: Pack) -> Tensor:
        out: Tensor = self.network.model(**self.network.inputs(batch)).logits
        return out.float()


class PackedClassifier:
    """A BERT-like sequence-classification model, packed; its last layer is computed for the first token alone."""

    name = "packed"

    def __init__(self, model: Any) -> None:
        self.network = PackedBert(model.base_model)
        self.head = model.classifier
        self.pooler = model.base_model.pooler if model.config.model_type == "bert" else None

    def logits(self, batch: Pack) -> Tensor:
        first = self.network.first(batch)[:, None, :]
        out: Tensor = self.head(first if self.pooler is None else self.pooler(first))
        return out


def classifier_for(model: Any, *, device: str, packed: bool) -> Classifier:
    """The faster classifier that can compute a model; `packed` says whether its base model may be packed."""
    known = model.config.model_type in _PACKED_HEADS and isinstance(getattr(model, "classifier", None), torch.nn.Module)
    return PackedClassifier(model) if packed and known else PaddedClassifier(model, device)
