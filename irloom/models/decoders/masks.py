"""Which keys a token may see, as the model itself says: full, in a sliding window, in chunks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from irloom.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Sight:
    """A layer's rule over positions; it stands where transformers would hold a whole mask.

    Attributes:
        rule: (batch, head, query position, key position) to bool, element by element; None for plain causal attention.
        window: no key farther back than this minus one is seen; None where all earlier ones may be.
    """

    rule: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor] | None = None
    window: int | None = None

    def first_key(self, position: int) -> int:
        """The first key that a token at a position may see."""
        return 0 if self.window is None else max(0, position - self.window + 1)

    def mask(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Bool (queries, keys): whether the token at a query's position sees the key at a key's position."""
        rows, columns = queries[:, None], keys[None, :]
        if self.rule is None:
            return columns <= rows
        zero = torch.zeros((), dtype=torch.long, device=queries.device)
        return self.rule(zero, zero, rows, columns).expand(len(queries), len(keys))


PLAIN = Sight()


def sight_of(config: Any, mask_function: Any, *, local_size: int | None, plain: bool, device: Any) -> Sight:
    """The rule behind a mask that transformers is about to make.

    Raises:
        ModelError: tokens would see later ones, as in an encoder.
    """
    if plain:
        return PLAIN
    sight = Sight(mask_function, int(local_size) if local_size else None)
    places = torch.arange(2, device=device)
    if bool(sight.mask(places, places)[0, 1]):
        raise ModelError(f"the architecture {getattr(config, 'model_type', '')!r} lets tokens see later ones; it is not a causal decoder")
    return sight
