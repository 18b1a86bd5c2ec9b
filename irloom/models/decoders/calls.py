"""What one forward pass is to do beside computing hidden states; each pass of each thread has its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from irloom.models.decoders.masks import Sight
from irloom.models.decoders.prefix import Prefix


class PassDone(Exception):
    """Ends a forward pass inside the model, so that nothing is computed that no one reads."""


class Recorder(Protocol):
    """Takes attention rows, layer by layer: weights after the softmax, or scaled products where `of_products` says so."""

    of_products: bool

    def wants(self, layer: int) -> bool: ...
    def rows(self, length: int) -> range: ...
    def add(self, layer: int, part: Tensor, first_key: int) -> None: ...


@dataclass(slots=True, eq=False)
class Call:
    """One forward pass over sequences that stand one after the other, without padding, each on top of the same prefix.

    Attributes:
        offsets: (n+1,), sequence i is tokens[offsets[i]:offsets[i+1]].
        prefix: what all sequences go on from, or None.
        layers: how many layers are computed.
        whole: whether the last of them is computed whole; otherwise the pass ends at its keys and values, or at its rows.
        keep: whether the new keys and values are kept.
        recorder: takes attention rows; for one sequence only.
        pasts: keys and values of each sequence's own past, for one new token a sequence.
        keys: new keys by layer, (kv_heads, tokens, head_dim), where kept.
        values: new values by layer.
        layer: the layer that is being computed.
        attended: how many layers came to the attention function.
        masks: masks that the next layers need again, by rule and rows.
    """

    offsets: Sequence[int]
    prefix: Prefix | None
    layers: int
    whole: bool
    keep: bool = False
    recorder: Recorder | None = None
    pasts: "Pasts | None" = None
    keys: list[Tensor] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)
    layer: int = -1
    attended: int = 0
    masks: dict[tuple[Sight, int, int], Tensor] = field(default_factory=dict)

    @property
    def past(self) -> int:
        """Tokens of the prefix."""
        return 0 if self.prefix is None else self.prefix.length

    @property
    def last(self) -> bool:
        """Whether the layer that is being computed is the last one."""
        return self.layer == self.layers - 1

    def take(self, keys: Tensor, values: Tensor) -> None:
        """Keeps a layer's new keys and values, (1, kv_heads, tokens, dim); ends the pass where no more is asked for.

        Raises:
            PassDone: the pass needs nothing more.
        """
        self.attended += 1
        if self.keep:
            self.keys.append(_own(keys[0]))
            self.values.append(_own(values[0]))
        if self.last and not self.whole and self.recorder is None:
            raise PassDone


def _own(part: Tensor) -> Tensor:
    """The tensor itself, or a copy where it would keep a larger one alive, as a fused projection's part does."""
    return part if part.untyped_storage().nbytes() <= part.nbytes else part.clone()


class Pasts:
    """Keys and values of sequences of unlike length that grow by a token a step, (n, kv_heads, capacity, head_dim) a layer."""

    def __init__(self, call: Call, capacity: int) -> None:
        """Takes what a pass over whole sequences has kept.

        Args:
            call: a finished pass with `keep`.
            capacity: tokens that any sequence has at most.
        """
        self.lengths = [call.offsets[row + 1] - call.offsets[row] for row in range(len(call.offsets) - 1)]
        self.keys = [self._padded(call, layer, capacity) for layer in call.keys]
        self.values = [self._padded(call, layer, capacity) for layer in call.values]

    def _padded(self, call: Call, layer: Tensor, capacity: int) -> Tensor:
        heads, _, dim = layer.shape
        out = layer.new_zeros((len(self.lengths), heads, capacity, dim))
        for row, length in enumerate(self.lengths):
            out[row, :, :length] = layer[:, call.offsets[row] : call.offsets[row + 1]]
        return out

    def write(self, layer: int, keys: Tensor, values: Tensor) -> None:
        """Sets one new token a sequence: keys and values (kv_heads, n, head_dim)."""
        places = torch.tensor(self.lengths, device=keys.device)
        rows = torch.arange(len(places), device=keys.device)
        self.keys[layer][rows, :, places] = keys.transpose(0, 1)
        self.values[layer][rows, :, places] = values.transpose(0, 1)

    def grown(self) -> None:
        """Counts the token that was set in every layer."""
        self.lengths = [length + 1 for length in self.lengths]

    def keep_rows(self, rows: Sequence[int]) -> None:
        """Leaves out the sequences that are not named."""
        index = list(rows)
        self.lengths = [self.lengths[row] for row in index]
        self.keys = [layer[index] for layer in self.keys]
        self.values = [layer[index] for layer in self.values]


_ACTIVE: ContextVar[Call | None] = ContextVar("irloom_decoder_call", default=None)


def active_call() -> Call | None:
    """The pass that this thread is in."""
    return _ACTIVE.get()


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """Makes a pass the one that this thread is in."""
    token = _ACTIVE.set(call)
    try:
        yield
    finally:
        _ACTIVE.reset(token)
