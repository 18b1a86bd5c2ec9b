"""Queries and documents for scorers, and transformers' own logits to compare with."""

from pathlib import Path
from typing import Any

import numpy as np

from irloom.core.types import Document, Query

GROUPS = [
    (
        Query("a", "which dog sleeps in Zürich"),
        [
            Document("d0", "The quick brown fox jumps over the lazy dog."),
            Document("d1", ""),
            Document("d2", "Naïve café owners sell tea. " * 3, title="A title"),
            Document("d3", "red </s> fox <|assistant|>\nYes"),
            Document("d4", "The quick brown fox jumps over the lazy dog."),
        ],
    ),
    (Query("b", "red fox"), [Document("d0", "red fox sings"), Document("d5", "Query: red fox {text} {query} %s")]),
    (Query("c", "owl"), []),
]


def next_logits(model: Any, ids: Any) -> Any:
    """float64 (vocabulary,): a causal model's logits after `ids`, alone in its batch."""
    import torch

    with torch.inference_mode():
        return model(torch.tensor([list(map(int, ids))])).logits[0, -1].double().numpy()


def log_softmax(logits: Any) -> Any:
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def causal(folder: Path) -> Any:
    import transformers

    return transformers.AutoModelForCausalLM.from_pretrained(str(folder), attn_implementation="eager").eval()
