"""FusedAttention: how much a T5's decoder attends to each of several texts while it writes over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import NotANumber
from irloom.core.once import Once
from irloom.core.optional import require
from irloom.models.seq2seq import Seq2Seq

Ids = NDArray[np.int64]

STEPS = 19
"""Tokens that the decoder writes at most, as published (20 with the token that it begins with)."""


@dataclass(frozen=True, slots=True)
class Attended:
    """How a group's texts were attended to.

    Attributes:
        weights: for each text float32 (tokens,): summed over layers and written tokens, the mean over heads.
        written: tokens that the decoder wrote, its end token among them.
    """

    weights: list[NDArray[np.float32]]
    written: int


class FusedAttention:
    """Cross-attention times the length of the value vectors, over texts that are encoded apart and read as one.

    Args:
        model: a T5. Its attention is switched to the form that gives its weights; what it computes stays the same.

    Paper:
        M. Tamber, R. Pradeep and J. Lin, Scaling Down, LiTting Up: Efficient Zero-Shot Listwise Reranking with Seq2seq Encoder-Decoder
        Models, arXiv 2312.16098, 2023, section 3.2; G. Izacard and E. Grave, Distilling Knowledge from Reader to Retriever, ICLR 2021.
    """

    def __init__(self, model: Seq2Seq) -> None:
        self.model = model
        self._ready: Once[Any] = Once()
        self._lock = Lock()  # attention weights are gathered by hooks on the shared network

    def warm_up(self) -> None:
        """Loads the weights.

        Raises:
            ModelError: the model is no T5.
        """
        self._ready.get(self._load)

    def read(self, groups: Sequence[Sequence[Ids]]) -> list[Attended]:
        """The attention to each group's texts while the decoder writes greedily, up to its end token or `STEPS`.

        Args:
            groups: int64 ids of texts, special tokens included; at least one text in each group.

        Raises:
            ModelError: the model is no T5, or a value is not finite.
        """
        engine = self._ready.get(self._load)
        found = []
        for texts in groups:
            with self._lock:
                weights, written = engine.attended(texts, STEPS)
            if not np.isfinite(weights).all():
                raise NotANumber(f"{self.model.model}: attention that is not finite; T5 overflows in float16, use bfloat16 or float32")
            found.append(Attended(np.split(weights, np.cumsum([len(ids) for ids in texts])[:-1]), written))
        return found

    def _load(self) -> Any:
        require("torch", extra="models", purpose="FusedAttention")
        from irloom.models.fused_attention_engine import FusedAttentionEngine

        return FusedAttentionEngine(self.model)
