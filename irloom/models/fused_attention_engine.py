"""The loaded half of FusedAttention. Imported when weights load."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.seq2seq import Seq2Seq

Ids = NDArray[np.int64]


class FusedAttentionEngine:
    """Reads the cross-attention of a loaded T5.

    Raises:
        ModelError: the model is no T5.
    """

    def __init__(self, model: Seq2Seq) -> None:
        engine = model.engine
        self.engine, self.network = engine, engine.model
        try:
            self.cross = [block.layer[1].EncDecAttention for block in self.network.get_decoder().block]
        except AttributeError as error:
            raise ModelError(f"{model.model} has no cross-attention as T5 has it, which LiT5-Score reads") from error
        self.network.set_attn_implementation("eager")

    @torch.inference_mode()
    def attended(self, texts: Sequence[Ids], most: int) -> tuple[NDArray[np.float32], int]:
        """float32 (tokens of all texts,), and the number of tokens that were written."""
        states, _ = self.engine.fused([texts])
        outputs = require("transformers.modeling_outputs", extra="models").BaseModelOutput(last_hidden_state=states)
        steps = self._written(outputs, most)
        done = self.network(encoder_outputs=outputs, decoder_input_ids=steps, use_cache=False, output_attentions=True)
        total = torch.zeros(states.shape[1], device=states.device)
        for attention, weights in zip(self.cross, done.cross_attentions, strict=True):
            total += (weights[0].float().sum(dim=1) * self._lengths(attention, states)).mean(dim=0)
        return np.asarray(total.cpu().numpy(), np.float32), steps.shape[1]

    def _written(self, outputs: Any, most: int) -> Tensor:
        """(1, steps): what the decoder is given at each step, its start token first; the last step is the one that ends the text."""
        steps = token = torch.tensor([[self.engine.start]], device=self.engine.device)
        past = None
        for _ in range(most - 1):
            kept = {self.engine.cache: past}
            done = self.network(encoder_outputs=outputs, decoder_input_ids=token, use_cache=True, **kept)
            past, token = done[self.engine.cache], done.logits[:, -1:].argmax(dim=-1)
            if int(token) in self.engine.ends:
                break
            steps = torch.cat((steps, token), dim=1)
        return steps

    def _lengths(self, attention: Any, states: Tensor) -> Tensor:
        """(heads, tokens): lengths of the value vectors."""
        values: Tensor = attention.v(states)[0].float()
        lengths: Tensor = values.view(len(values), attention.n_heads, -1).norm(dim=-1)
        return lengths.T
