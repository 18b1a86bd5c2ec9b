"""The cache that a model's own forward pass fills: it hands back the new keys and values alone, and tells the pass what it saw."""

from typing import Any

from torch import Tensor

from irloom.core.optional import require
from irloom.models.decoders.calls import Call


class PassLayer:
    """One layer of the cache: full attention, whatever the layer's window, so that every key can be read and cropped."""

    is_sliding = False
    is_compileable = False
    is_croppable = False
    supports_early_init = False
    is_initialized = True

    def __init__(self, call: Call, layer: int) -> None:
        self.call, self.layer = call, layer

    def update(self, key_states: Tensor, value_states: Tensor, *_args: Any, **_kwargs: Any) -> tuple[Tensor, Tensor]:
        """Says which layer is computed; what it attends to is taken where it is attended, since some keep less in their cache."""
        self.call.layer = self.layer
        return key_states, value_states

    def get_seq_length(self, *_: Any) -> int:
        """Tokens of the prefix."""
        return self.call.past

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Keys in all, and the position of the first."""
        return self.call.past + query_length, 0

    def get_max_length(self) -> int:
        """No limit."""
        return -1


def pass_cache(call: Call, layers: int) -> Any:
    """A cache of transformers' own class for one pass."""
    caches = require("transformers.cache_utils", extra="models")
    caches.CacheLayerMixin.register(PassLayer)
    return caches.Cache(layers=[PassLayer(call, layer) for layer in range(layers)])
