"""The language-modelling head: logits of chosen hidden states, with all that the model's own forward does behind the head."""

import copy
from typing import Any

from torch import Tensor, nn


class _States:
    """What a base model returns: hidden states, and None for all else that a head may pass on."""

    def __init__(self, hidden: Tensor) -> None:
        self.last_hidden_state = hidden

    def __getattr__(self, name: str) -> None:
        return None

    def __getitem__(self, place: int) -> Tensor:
        return self.last_hidden_state


class _Given(nn.Module):
    """Stands where the base model stood and gives the hidden states that it was made with."""

    def __init__(self, hidden: Tensor) -> None:
        super().__init__()
        self.__dict__["hidden"] = hidden

    def __getattr__(self, name: str) -> Any:
        return self  # a head may reach through its base for the decoder in it

    def forward(self, *_args: Any, **_kwargs: Any) -> _States:
        return _States(self.hidden)


class LanguageHead:
    """Logits by the model's own forward, its base replaced in a copy that shares the weights: caps and scales are the model's own."""

    def __init__(self, model: Any, base: str) -> None:
        """Prepares the head.

        Args:
            model: a causal language model of transformers.
            base: the name under which it holds the network below the head.
        """
        self.model, self.base = model, base
        output = model.get_output_embeddings()
        self.name = next((name for name, module in model.named_children() if module is output), None)
        self.linear = output if type(output) is nn.Linear else None

    def logits(self, hidden: Tensor, tokens: Tensor | None) -> Tensor:
        """Float32 logits (n, vocabulary), or (n, len(tokens)) of the named tokens alone, of hidden states (n, width)."""
        narrow = tokens is not None and self.linear is not None and self.name is not None
        view = copy.copy(self.model)
        view._modules = {**self.model._modules, self.base: _Given(hidden[None])}
        if narrow and tokens is not None:
            view._modules[self.name] = _rows(self.linear, tokens)
        logits: Tensor = view(inputs_embeds=hidden[None]).logits[0].float()
        return logits if tokens is None or narrow else logits[:, tokens]


def _rows(linear: nn.Linear | None, tokens: Tensor) -> nn.Linear:
    """A linear layer that gives the named rows alone."""
    assert linear is not None
    out = nn.Linear(linear.in_features, len(tokens), bias=linear.bias is not None, device="meta")
    out.weight = nn.Parameter(linear.weight[tokens], requires_grad=False)
    if linear.bias is not None:
        out.bias = nn.Parameter(linear.bias[tokens], requires_grad=False)
    return out


def log_likelihoods(logits: Tensor, labels: Tensor) -> Tensor:
    """Log-probability of one label a row of logits (n, vocabulary): (n,)."""
    return logits.log_softmax(dim=-1).gather(1, labels[:, None])[:, 0]
