"""Attention of packed sequences on a shared prefix: fast where only its output is read, row by row in float32 where its weights are."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from irloom.core.errors import ModelError
from irloom.core.optional import require
from irloom.models.decoders.calls import Call, PassDone, active_call
from irloom.models.decoders.masks import PLAIN, Sight, sight_of
from irloom.models.decoders.rows import Heads, row_attention
from irloom.models.decoders.stepping import step_attention

NAME = "irloom"
"""The name under which transformers knows our attention."""


def register_attention() -> None:
    """Makes our attention and our masks known to transformers; calling it again changes nothing."""
    transformers = require("transformers", extra="models", purpose="Decoder")
    masks = require("transformers.masking_utils", extra="models", purpose="Decoder")
    if NAME not in transformers.AttentionInterface._global_mapping:
        transformers.AttentionInterface.register(NAME, attention)
        masks.AttentionMaskInterface.register(NAME, _mask)


def _mask(*, mask_function: Any = None, local_size: int | None = None, config: Any = None, device: Any = None, **_: Any) -> Sight:
    plain = mask_function is require("transformers.masking_utils", extra="models").causal_mask_function
    return sight_of(config, mask_function, local_size=local_size, plain=plain, device=device)


def attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Sight | None,
    *,
    scaling: float | None = None,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    position_bias: Tensor | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """What transformers calls in each layer.

    Args:
        module: the layer's attention.
        query: (1, heads, tokens, head_dim), positions included.
        key: (1, kv_heads, tokens, head_dim), of the new tokens alone.
        value: (1, kv_heads, tokens, value_dim).
        attention_mask: which keys are seen.
        scaling: what products are multiplied by.
        softcap: bound of products, or None.
        s_aux: (heads,), logits of attention sinks, or None.
        position_bias: added to products; not supported.

    Returns:
        (1, tokens, heads, value_dim) and no weights.

    Raises:
        ModelError: the model was called from outside, or adds a bias that depends on positions.
        PassDone: the pass needs nothing more.
    """
    call = active_call()
    if call is None or position_bias is not None:
        what = "adds a bias by position to its attention" if call is not None else "is not to be called from outside"
        raise ModelError(f"{type(module).__name__}: this model {what}")
    call.take(key, value)
    heads = Heads(scaling if scaling is not None else query.shape[-1] ** -0.5, softcap, s_aux)
    sight = PLAIN if attention_mask is None else attention_mask
    if call.pasts is not None:
        return step_attention(call, query[0], key[0], value[0], sight, heads), None
    out = query.new_empty((1, query.shape[2], query.shape[1], value.shape[-1]))
    joined = Joined(call, key[0], value[0])
    for start, end in zip(call.offsets, call.offsets[1:], strict=False):
        keys, values = joined.sequence(start, end)
        sequence(call, query[0, :, start:end], keys, values, sight, heads, out[0, start:end])
    return out, None


class Joined:
    """Keys and values of the prefix with a sequence's own behind them; the prefix is copied once a layer, not once a sequence."""

    def __init__(self, call: Call, key: Tensor, value: Tensor) -> None:
        self.past, self.own = call.past, (key, value)
        self.room: tuple[Tensor, Tensor] | None = None
        if call.prefix is not None:
            longest = max(end - start for start, end in zip(call.offsets, call.offsets[1:], strict=False))
            self.room = (
                _roomy(call.prefix.keys[call.layer], longest),
                _roomy(call.prefix.values[call.layer], longest),
            )

    def sequence(self, start: int, end: int) -> tuple[Tensor, Tensor]:
        """Keys and values of one sequence, (kv_heads, prefix + tokens, dim), good until the next one is asked for."""
        key, value = self.own
        if self.room is None:
            return key[:, start:end], value[:, start:end]
        keys, values = self.room
        whole = self.past + end - start
        keys[:, self.past : whole] = key[:, start:end]
        values[:, self.past : whole] = value[:, start:end]
        return keys[:, :whole], values[:, :whole]


def _roomy(before: Tensor, more: int) -> Tensor:
    heads, past, dim = before.shape
    out = before.new_empty((heads, past + more, dim))
    out[:, :past] = before
    return out


def sequence(call: Call, query: Tensor, keys: Tensor, values: Tensor, sight: Sight, heads: Heads, out: Tensor) -> None:
    """Attention of one sequence, written to `out` (tokens, heads, value_dim).

    Raises:
        PassDone: the chosen rows of the last layer are recorded.
    """
    tokens = query.shape[1]
    recorded = range(0)
    if call.recorder is not None and call.recorder.wants(call.layer):
        recorded = call.recorder.rows(tokens)
    stops = call.last and not call.whole
    for start, end, chosen in _parts(tokens, recorded):
        by_rows = chosen or heads.softcap is not None or heads.sinks is not None
        if stops and not chosen:
            continue
        if by_rows:
            row_attention(call, query, keys, values, sight, heads, range(start, end), record=chosen, out=None if stops else out)
        else:
            fast_attention(call, query, keys, values, sight, heads, range(start, end), out)
    if stops:
        raise PassDone


def _parts(tokens: int, recorded: range) -> Iterator[tuple[int, int, bool]]:
    """The tokens before, in and behind the recorded ones."""
    if len(recorded) == 0:
        yield 0, tokens, False
        return
    if recorded.start > 0:
        yield 0, recorded.start, False
    yield recorded.start, recorded.stop, True
    if recorded.stop < tokens:
        yield recorded.stop, tokens, False


BLOCK = 512
"""Rows at once where a mask is needed."""

KEPT_MASK = 1_000_000
"""Numbers of a mask that is kept for the next layers."""


def fast_attention(call: Call, query: Tensor, keys: Tensor, values: Tensor, sight: Sight, heads: Heads, rows: range, out: Tensor) -> None:
    """Attention by torch's fused function, for rows whose weights no one reads."""
    past = call.past
    causal = sight is PLAIN and past == 0 and rows.start == 0
    for start in range(rows.start, rows.stop, len(rows) if causal else BLOCK):
        end = rows.stop if causal else min(start + BLOCK, rows.stop)
        first = sight.first_key(past + start)
        result = nn.functional.scaled_dot_product_attention(
            query[None, :, start:end],
            keys[None, :, first : past + end],
            values[None, :, first : past + end],
            attn_mask=None if causal else _mask_of(call, sight, start, end, query),
            is_causal=causal and end - start > 1,
            scale=heads.scaling,
            enable_gqa=query.shape[0] != keys.shape[0],
        )
        out[start:end] = result[0].transpose(0, 1)


def _mask_of(call: Call, sight: Sight, start: int, end: int, query: Tensor) -> Tensor:
    """What is added to the products of rows: 0 where a key is seen, minus infinity where not."""
    kept = call.masks.get((sight, start, end))
    if kept is not None:
        return kept
    places = torch.arange(sight.first_key(call.past + start), call.past + end, device=query.device)
    seen = sight.mask(places[len(places) - (end - start) :], places)
    mask = torch.zeros(seen.shape, dtype=query.dtype, device=query.device).masked_fill_(~seen, float("-inf"))
    if mask.numel() <= KEPT_MASK:
        call.masks[sight, start, end] = mask
    return mask
