"""Pooling of packed hidden states: no padding, so no mask and no padding side to get wrong."""

from collections.abc import Sequence

import torch
from torch import Tensor


def pool(hidden: Tensor, offsets: Tensor, modes: Sequence[str], *, skip: int = 0) -> Tensor:
    """One vector a sequence.

    Args:
        hidden: float (tokens, width), sequences one after the other.
        offsets: int64 (n+1,), sequence i is hidden[offsets[i]:offsets[i+1]]; no sequence is empty.
        modes: names from irloom.models.encoders.folder.POOLINGS; their vectors are joined end to end.
        skip: leading tokens of each sequence, those of a prompt, that take no part.

    Returns:
        float32 (n, width * len(modes)).
    """
    states = hidden.float()
    lengths = offsets.diff()
    rows = torch.repeat_interleave(torch.arange(len(lengths), device=states.device), lengths)
    places = torch.arange(len(states), device=states.device) - offsets[:-1][rows]
    if skip:
        kept = places >= torch.minimum(torch.full_like(lengths, skip), lengths - 1)[rows]
        states, rows, places = states[kept], rows[kept], places[kept]
        lengths = torch.bincount(rows, minlength=len(lengths))
    starts = torch.cumsum(lengths, 0) - lengths
    return torch.cat([_pool_one(states, rows, places, starts, lengths, mode) for mode in modes], dim=-1)


def _pool_one(states: Tensor, rows: Tensor, places: Tensor, starts: Tensor, lengths: Tensor, mode: str) -> Tensor:
    if mode == "cls":
        return states[starts]
    if mode == "lasttoken":
        return states[starts + lengths - 1]
    empty = states.new_zeros(len(lengths), states.shape[1])
    if mode == "max":
        return empty.fill_(-torch.inf).scatter_reduce_(0, rows[:, None].expand_as(states), states, reduce="amax")
    if mode == "weightedmean":
        weights = (places + 1).to(states.dtype)
        total = states.new_zeros(len(lengths)).index_add_(0, rows, weights)
        return empty.index_add_(0, rows, states * weights[:, None]) / total[:, None]
    divisor = lengths.to(states.dtype)[:, None]
    return empty.index_add_(0, rows, states) / (divisor.sqrt() if mode == "mean_sqrt_len_tokens" else divisor)
