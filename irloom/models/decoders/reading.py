"""From recorded rows to what callers read: sums over heads, or heads apart. Imported when weights load."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.errors import BadValue, ModelError
from irloom.models.decoders.engine import DecoderEngine
from irloom.models.decoders.prefix import Prefix
from irloom.models.decoders.rows import RowMeans


def read_rows(
    engine: DecoderEngine,
    prefix: Prefix | None,
    tail: NDArray[np.int64],
    *,
    heads: Sequence[tuple[int, int]] | None,
    rows: slice | None,
    per_head: bool,
    of_products: bool,
) -> NDArray[np.float32]:
    """Means over rows; see `DecoderBase.attention` for arguments, shapes and errors."""
    shape = engine.shape
    by_layer = _by_layer(heads, layers=shape.layers, heads_each=shape.heads)
    layers = max(by_layer) + 1 if by_layer is not None else shape.layers
    chosen = rows if rows is not None else slice(None)
    length, past = len(tail), 0 if prefix is None else prefix.length
    if chosen.step not in (None, 1) or not len(range(length)[chosen]):
        raise BadValue("rows", rows, f"a slice without a step that holds at least one of the tail's {length} tokens")
    if prefix is not None and prefix.length and prefix.layers < layers:
        raise ModelError(f"{engine.folder}: the prefix was read up to layer {prefix.layers}, attention is asked for up to {layers}")
    engine.check_length(past + length)
    recorder = RowMeans(past + length, chosen, of_products=of_products, wanted=None if per_head or by_layer is None else by_layer.keys())
    sums = engine.rows(prefix if past else None, tail, recorder, layers=layers)
    count = len(range(length)[chosen])
    with torch.inference_mode():
        result = _stacked(sums, layers) if per_head else _summed(sums, by_layer)
        means: NDArray[np.float32] = (result / count).cpu().numpy()
    return means


def _by_layer(heads: Sequence[tuple[int, int]] | None, *, layers: int, heads_each: int) -> dict[int, list[int]] | None:
    """Query heads by layer, each once; None for all."""
    if heads is None:
        return None
    if len(heads) == 0:
        raise BadValue("heads", heads, "at least one pair of layer and head, or None for all")
    chosen: dict[int, list[int]] = {}
    for layer, head in sorted(set(heads)):
        if not (0 <= layer < layers and 0 <= head < heads_each):
            raise BadValue("heads", (layer, head), f"layers 0 to {layers - 1} and heads 0 to {heads_each - 1}")
        chosen.setdefault(layer, []).append(head)
    return chosen


def _stacked(sums: dict[int, Tensor], layers: int) -> Tensor:
    return torch.stack([sums[layer] for layer in range(layers)])


def _summed(sums: dict[int, Tensor], by_layer: dict[int, list[int]] | None) -> Tensor:
    parts = [part.sum(dim=0) if by_layer is None else part[by_layer[layer]].sum(dim=0) for layer, part in sorted(sums.items())]
    return torch.stack(parts).sum(dim=0)
