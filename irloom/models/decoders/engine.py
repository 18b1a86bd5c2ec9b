"""A loaded decoder: token ids to keys and values, attention rows and hidden states. Imported when weights load."""

import inspect
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.errors import ModelError
from irloom.models.decoders.attending import NAME, register_attention
from irloom.models.decoders.cache import pass_cache
from irloom.models.decoders.calls import Call, PassDone, calling
from irloom.models.decoders.prefix import Prefix, frozen_ids
from irloom.models.decoders.rows import RowMeans
from irloom.models.decoders.shape import DecoderShape
from irloom.models.loading import check_weights
from irloom.models.networks.loading import load_model

Ids = NDArray[np.int64]


def load_engine(folder: Path, kind: str, shape: DecoderShape, *, dtype: str, device: str, remote_code: bool) -> "DecoderEngine":
    """Loads a decoder's weights.

    Args:
        folder: holds config.json and safetensors weights.
        kind: the class in transformers that reads it, such as "AutoModelForCausalLM".
        shape: the decoder's sizes.
        dtype: "float32", "float16" or "bfloat16".
        device: a torch device.
        remote_code: whether the folder's own Python code may run.

    Raises:
        ModelError: the weights are pickled, absent, incomplete or of another architecture.
    """
    check_weights(folder)
    register_attention()
    try:
        model = load_model(folder, kind, dtype=dtype, remote_code=remote_code, whole=True, attention=NAME)
    except ModelError as error:
        if isinstance(error.__cause__, KeyError) and error.__cause__.args == (NAME,):
            raise own_way(folder, "its attention is none that transformers lets replace") from error
        raise
    return DecoderEngine(folder, model.requires_grad_(requires_grad=False).to(device), shape, device)


def own_way(folder: Path, why: str) -> ModelError:
    """The error about a model whose attention cannot be read."""
    return ModelError(f"{folder}: this architecture computes attention in a way of its own, which cannot be read on a prefix ({why})")


def base_name(model: Any) -> str:
    """The name under which a model with a head holds the network below it."""
    inputs = model.get_input_embeddings()
    return next(str(name) for name, child in model.named_children() if any(module is inputs for module in child.modules()))


class DecoderEngine:
    """Forward passes over one loaded model; threads may share it."""

    def __init__(self, folder: Path, model: Any, shape: DecoderShape, device: str) -> None:
        self.folder, self.model, self.shape, self.device = folder, model, shape, device
        self.base = getattr(model, base_name(model))
        names = inspect.signature(self.base.forward).parameters
        self._cache_name = "cache" if "cache" in names else "past_key_values"
        if "position_ids" not in names:
            raise own_way(folder, f"{type(self.base).__name__} takes no positions")

    def run(self, sequences: Sequence[Ids], call: Call) -> Tensor | None:
        """Passes sequences through the layers that the call names.

        Args:
            sequences: int64 arrays, each on top of the call's prefix.
            call: what is computed; holds what was asked for afterwards.

        Returns:
            Hidden states behind the last norm, (tokens, width); None where the pass ended before.

        Raises:
            ModelError: attention did not come to irloom's function.
        """
        ids = np.concatenate(sequences) if len(sequences) > 1 else sequences[0]
        if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < self.shape.vocabulary:
            raise ModelError(f"{self.folder}: token ids run from 0 to {self.shape.vocabulary - 1}; found {ids.min()} to {ids.max()}")
        starts = call.pasts.lengths if call.pasts is not None else [0] * len(sequences)
        places = np.concatenate(
            [np.arange(len(one), dtype=np.int64) + call.past + start for one, start in zip(sequences, starts, strict=True)]
        )
        hidden = self._forward(ids, places, call)
        if call.attended < call.layers:
            raise own_way(self.folder, f"{call.attended} of {self.shape.layers} layers came to irloom's function")
        if call.pasts is not None:
            call.pasts.grown()
        return hidden

    def _forward(self, ids: Ids, places: Ids, call: Call) -> Tensor | None:
        try:
            with torch.inference_mode(), calling(call), suppress(PassDone):
                output = self.base(
                    input_ids=torch.as_tensor(ids, device=self.device)[None],
                    position_ids=torch.as_tensor(places, device=self.device)[None],
                    use_cache=True,
                    **{self._cache_name: pass_cache(call, self.shape.layers)},
                )
                hidden: Tensor = output.last_hidden_state[0]
                return hidden
        except (AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
            raise own_way(self.folder, f"{type(error).__name__}: {error}") from error
        return None

    def prefill(self, ids: Ids, prefix: Prefix | None, *, layers: int) -> Prefix:
        """Reads tokens on top of a prefix; the last layer gives keys and values alone."""
        call = Call((0, len(ids)), prefix, layers, whole=False, keep=True)
        if len(ids):
            self.run([ids], call)
        return self._grown(prefix, ids, call)

    def _grown(self, prefix: Prefix | None, ids: Ids, call: Call) -> Prefix:
        """The prefix and the tokens that the call read on top of it."""
        if prefix is None:
            return Prefix(frozen_ids(ids), tuple(call.keys), tuple(call.values), self._extend)
        with torch.inference_mode():
            keys = tuple(torch.cat(pair, dim=1) for pair in zip(prefix.keys, call.keys, strict=True))
            values = tuple(torch.cat(pair, dim=1) for pair in zip(prefix.values, call.values, strict=True))
        return Prefix(frozen_ids(np.concatenate((prefix.ids, ids))), keys, values, self._extend)

    def _extend(self, prefix: Prefix, ids: Ids) -> Prefix:
        own = np.asarray(ids, dtype=np.int64)
        self.check_length(prefix.length + len(own))
        if prefix.length == 0:
            return self.prefill(own, None, layers=prefix.layers or self.shape.layers)
        return self.prefill(own, prefix, layers=prefix.layers)

    def rows(self, prefix: Prefix | None, tail: Ids, recorder: RowMeans, *, layers: int) -> dict[int, Tensor]:
        """Sums over the recorder's rows by layer, (heads, keys); the last layer computes nothing else."""
        self.run([tail], Call((0, len(tail)), prefix, layers, whole=False, recorder=recorder))
        return recorder.layers

    def hidden(self, tails: Sequence[Ids], prefix: Prefix | None) -> Tensor:
        """Hidden states of all tokens of the tails, one tail after the other, (tokens, width)."""
        offsets = np.cumsum([0, *(len(tail) for tail in tails)]).tolist()
        hidden = self.run(tails, Call(offsets, prefix, self.shape.layers, whole=True))
        assert hidden is not None
        return hidden

    def check_length(self, tokens: int) -> None:
        """Refuses what does not fit the context.

        Raises:
            ModelError: it does not.
        """
        if tokens > self.shape.context:
            raise ModelError(f"{self.folder}: a prompt of {tokens} tokens is longer than the context of {self.shape.context} tokens")
