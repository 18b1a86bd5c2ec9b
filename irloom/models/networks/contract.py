"""What a network promises: packed token ids in, packed hidden states out."""

from typing import Protocol

from torch import Tensor

from irloom.models.batching import Pack


class Network(Protocol):
    """Hidden states of the last layer, float (tokens, width), in the order of the pack's ids, on the network's device."""

    name: str
    width: int

    def hidden(self, batch: Pack) -> Tensor: ...
