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
    call.attended += 1
    heads = Heads(scaling if scaling is not None else query.shape[-1] ** -0.5, softcap, s_aux)
    sight = PLAIN if attention_mask is None else attention_mask
    if call.pasts is not None:
        return step_attention(call, query[0], key[0], value[0], sight, heads), None
    out = query.new_empty((1, query.shape[2], query.shape[1], value.shape[-1]))
    for start, end in zip(call.offsets, call.offsets[1:], strict=False):
        sequence(call, query[0, :, start:end], key[0, :, start:end], value[0, :, start:end], sight, heads, out[0, start:end])
    return out, None


def sequence(call: Call, query: Tensor, key: Tensor, value: Tensor, sight: Sight, heads: Heads, out: Tensor) -> None:
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
            row_attention(call, query, key, value, sight, heads, range(start, end), record=chosen, out=None if stops else out)
        else:
            fast_attention(call, query, key, value, sight, heads, range(start, end), out)
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
"""Tokens at once where a sliding window leaves most keys unseen."""


def fast_attention(call: Call, query: Tensor, key: Tensor, value: Tensor, sight: Sight, heads: Heads, rows: range, out: Tensor) -> None:
    """Attention by torch's fused function, for rows whose weights no one reads."""
    past = call.past
    step = len(rows) if sight.window is None else BLOCK
    for start in range(rows.start, rows.stop, step):
        end = min(start + step, rows.stop)
        first = sight.first_key(past + start)
        keys, values = seen(call, key, value, first, end)
        causal = sight is PLAIN and past == 0 and start == 0
        mask = None
        if (not causal and end - start > 1) or sight is not PLAIN:
            places = torch.arange(first, past + end, device=query.device)
            mask = sight.mask(places[past + start - first :], places)
        result = nn.functional.scaled_dot_product_attention(
            query[None, :, start:end],
            keys[None],
            values[None],
            attn_mask=mask,
            is_causal=causal and end - start > 1,
            scale=heads.scaling,
            enable_gqa=query.shape[0] != keys.shape[0],
        )
        out[start:end] = result[0].transpose(0, 1)


def seen(call: Call, key: Tensor, value: Tensor, first: int, end: int) -> tuple[Tensor, Tensor]:
    """Keys and values of positions `first` to the prefix's length plus `end`, (kv_heads, keys, dim)."""
    if call.prefix is None or first >= call.past:
        start = first - call.past
        return key[:, start:end], value[:, start:end]
    keys, values = call.prefix.keys[call.layer], call.prefix.values[call.layer]
    return torch.cat((keys[:, first:], key[:, :end]), dim=1), torch.cat((values[:, first:], value[:, :end]), dim=1)
