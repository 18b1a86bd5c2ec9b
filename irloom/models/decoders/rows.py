"""Attention row by row in float32, with its weights recorded, and nothing larger kept than a block of rows."""

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from irloom.models.decoders.calls import Call
from irloom.models.decoders.masks import PLAIN, Sight

BLOCK_NUMBERS = 1_000_000
"""Numbers in a block of rows, all heads together: few enough to stay in a processor's cache."""


@dataclass(frozen=True, slots=True)
class Heads:
    """What a layer does to its products beside the softmax.

    Attributes:
        scaling: what products are multiplied by.
        softcap: products are bent to stay within plus and minus this; None where they are not.
        sinks: (heads,), a logit a head that takes part in the softmax and gives nothing; None where there is none.
    """

    scaling: float
    softcap: float | None = None
    sinks: Tensor | None = None

    def capped(self, scores: Tensor) -> Tensor:
        """The products after the cap."""
        return scores if self.softcap is None else torch.tanh(scores / self.softcap) * self.softcap

    def weights(self, scores: Tensor) -> Tensor:
        """Softmax over keys of (heads, rows, keys), a sink's share left out."""
        if self.sinks is None:
            return scores.softmax(dim=-1)
        sinks = self.sinks.float()[:, None, None].expand(-1, scores.shape[1], 1)
        return torch.cat((scores, sinks), dim=-1).softmax(dim=-1)[..., :-1]


def row_attention(
    call: Call, query: Tensor, keys: Tensor, values: Tensor, sight: Sight, heads: Heads, rows: range, *, record: bool, out: Tensor | None
) -> None:
    """Attention of some rows of one sequence.

    Args:
        call: the pass; its recorder takes the rows where `record` is set.
        query: (heads, tokens, head_dim).
        keys: (kv_heads, prefix + tokens, head_dim).
        values: (kv_heads, prefix + tokens, value_dim).
        sight: which keys are seen.
        heads: scaling, cap and sinks.
        rows: which tokens.
        record: whether the rows are recorded.
        out: (tokens, heads, value_dim), written; None where the output is not needed.
    """
    keys, values = keys.float(), values.float()
    step = max(1, BLOCK_NUMBERS // (query.shape[0] * (call.past + rows.stop)))
    for start in range(rows.start, rows.stop, step):
        end = min(start + step, rows.stop)
        first = sight.first_key(call.past + start)
        scores = products(query[:, start:end].float() * heads.scaling, keys[:, first : call.past + end])
        hidden, tail = _hidden(sight, call.past, start, end, first, query.device)
        if record and call.recorder is not None and call.recorder.of_products:
            seen = scores.clone()
            seen[..., tail:].masked_fill_(hidden, 0.0)
            call.recorder.add(call.layer, seen, first)
        scores = heads.capped(scores)
        scores[..., tail:].masked_fill_(hidden, float("-inf"))
        weights = heads.weights(scores)
        if record and call.recorder is not None and not call.recorder.of_products:
            call.recorder.add(call.layer, weights, first)
        if out is not None:
            out[start:end] = grouped(weights, values[:, first : call.past + end]).transpose(0, 1).to(out.dtype)


def _hidden(sight: Sight, past: int, start: int, end: int, first: int, device: torch.device) -> tuple[Tensor, int]:
    """Keys that are not seen, bool (rows, keys), and where among the keys the mask begins: all before are seen by all rows."""
    places = torch.arange(past + start if sight is PLAIN else first, past + end, device=device)
    return ~sight.mask(places[len(places) - (end - start) :], places), past + end - first - len(places)


def products(query: Tensor, keys: Tensor) -> Tensor:
    """Float32 products of (heads, rows, dim) and (kv_heads, keys, dim): (heads, rows, keys).

    Head h reads the keys of kv head h // (heads / kv_heads): consecutive query heads share keys.
    """
    heads, rows, dim = query.shape
    grouped_rows = query.float().reshape(keys.shape[0], -1, dim)
    return (grouped_rows @ keys.transpose(1, 2)).view(heads, rows, -1)


def grouped(weights: Tensor, values: Tensor) -> Tensor:
    """Sums of (kv_heads, keys, dim) by the weights (heads, rows, keys): (heads, rows, dim)."""
    heads, rows, keys = weights.shape
    return (weights.reshape(values.shape[0], -1, keys) @ values).view(heads, rows, -1)


class RowMeans:
    """Means over chosen rows, a layer at a time: (heads, keys) each.

    Attributes:
        layers: means by layer, float32 (heads, keys); zeros where no row was wanted.
    """

    def __init__(self, keys: int, rows: slice, *, of_products: bool, wanted: Collection[int] | None) -> None:
        """Prepares for one pass.

        Args:
            keys: how many keys there are, the prefix included.
            rows: which of the sequence's tokens.
            of_products: whether scaled products are recorded instead of weights.
            wanted: layers whose rows are recorded; None for all.
        """
        self.keys, self.chosen, self.of_products, self.wanted = keys, rows, of_products, wanted
        self.layers: dict[int, Tensor] = {}

    def wants(self, layer: int) -> bool:
        return self.wanted is None or layer in self.wanted

    def rows(self, length: int) -> range:
        return range(length)[self.chosen]

    def add(self, layer: int, part: Tensor, first_key: int) -> None:
        if layer not in self.layers:
            self.layers[layer] = part.new_zeros((part.shape[0], self.keys))
        self.layers[layer][:, first_key : first_key + part.shape[2]] += part.sum(dim=1)
