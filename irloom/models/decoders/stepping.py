"""Attention of one new token a sequence, each on top of its own past and of the prefix that all share."""

import torch
from torch import Tensor

from irloom.models.decoders.calls import Call
from irloom.models.decoders.masks import Sight
from irloom.models.decoders.rows import Heads, products


def step_attention(call: Call, query: Tensor, key: Tensor, value: Tensor, sight: Sight, heads: Heads) -> Tensor:
    """One row a sequence.

    Args:
        call: the pass; its `pasts` get the new keys and values.
        query: (heads, n, head_dim), a token a sequence.
        key: (kv_heads, n, head_dim).
        value: (kv_heads, n, value_dim).
        sight: which keys are seen.
        heads: scaling, cap and sinks.

    Returns:
        (1, n, heads, value_dim).
    """
    pasts = call.pasts
    assert pasts is not None
    pasts.write(call.layer, key, value)
    count, longest = len(pasts.lengths), max(pasts.lengths) + 1
    own_keys, own_values = pasts.keys[call.layer][:, :, :longest], pasts.values[call.layer][:, :, :longest]
    grouped_rows = query.float().view(key.shape[0], -1, count, query.shape[-1]).permute(2, 0, 1, 3)
    scores = (grouped_rows @ own_keys.float().transpose(2, 3)).reshape(count, query.shape[0], longest)
    if call.prefix is not None:
        shared = products(query, call.prefix.keys[call.layer].float()).transpose(0, 1)
        scores = torch.cat((shared, scores), dim=2)
    scores = heads.capped(scores * heads.scaling).masked_fill(~_sight(call, sight, longest, query.device)[:, None], float("-inf"))
    weights = heads.weights(scores.transpose(0, 1)).transpose(0, 1)
    own = weights[..., call.past :].reshape(count, key.shape[0], -1, longest) @ own_values.float()
    out = own.reshape(count, query.shape[0], -1)
    if call.prefix is not None:
        before = weights[..., : call.past].reshape(count, key.shape[0], -1, call.past).permute(1, 2, 0, 3)
        values = call.prefix.values[call.layer].float()
        shared = before.reshape(key.shape[0], -1, call.past) @ values
        out = out + shared.view(key.shape[0], -1, count, values.shape[-1]).permute(2, 0, 1, 3).reshape(count, query.shape[0], -1)
    return out[None].to(query.dtype)


def _sight(call: Call, sight: Sight, longest: int, device: torch.device) -> Tensor:
    """Bool (n, keys): the prefix's keys, then each sequence's own, as far as its newest token sees them."""
    assert call.pasts is not None
    places = torch.arange(call.past + longest, device=device)
    newest = torch.tensor(call.pasts.lengths, device=device) + call.past
    return sight.mask(newest, places) & (places[None] <= newest[:, None])
