"""Hidden states of many tails' last tokens, batch by batch. Imported when weights load."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.errors import BadValue, ModelError, NotANumber
from irloom.models.batching import batches_by_budget
from irloom.models.decoders.calls import Call, Pasts
from irloom.models.decoders.engine import DecoderEngine, Ids
from irloom.models.decoders.prefix import Prefix
from irloom.models.networks.threads import batch_budget, for_each

Work: TypeAlias = Callable[[NDArray[np.int64]], None]


class TailReader:
    """Tails on a prefix in batches; what is read behind the last layer is the subclass's."""

    def __init__(self, engine: DecoderEngine, batch_tokens: int | None) -> None:
        self.engine, self.batch_tokens = engine, batch_tokens

    def last_states(self, tails: Sequence[Ids], prefix: Prefix | None) -> Tensor:
        """Hidden states (n, width) of each tail's last token.

        Long tails are read in two passes, all tokens but the last, then the last ones together: the first pass need not compute the
        last layer behind its keys and values, which saves more than the second one costs.
        """
        lengths = [len(tail) for tail in tails]
        if min(lengths) > 1 and sum(lengths) > 2 * self.engine.shape.layers * len(tails):
            return self._two_passes(tails, prefix)
        hidden = self.engine.hidden(tails, prefix)
        return hidden[torch.as_tensor(np.cumsum(lengths) - 1, device=hidden.device)]

    def _two_passes(self, tails: Sequence[Ids], prefix: Prefix | None) -> Tensor:
        layers = self.engine.shape.layers
        if len(tails) == 1:
            return self.engine.hidden([tails[0][-1:]], self.engine.prefill(tails[0][:-1], prefix, layers=layers))
        offsets = np.cumsum([0, *(len(tail) - 1 for tail in tails)]).tolist()
        first = Call(offsets, prefix, layers, whole=False, keep=True)
        self.engine.run([tail[:-1] for tail in tails], first)
        pasts = Pasts(first, max(len(tail) for tail in tails))
        hidden = self.engine.run([tail[-1:] for tail in tails], Call(range(len(tails) + 1), prefix, layers, whole=True, pasts=pasts))
        assert hidden is not None
        return hidden

    def check(self, tails: Sequence[Ids], prefix: Prefix | None) -> None:
        """Refuses what does not fit.

        Raises:
            ModelError: a prompt longer than the context, or a prefix that was not read through all layers.
        """
        shape = self.engine.shape
        if prefix is not None and prefix.layers < shape.layers:
            raise ModelError(f"{self.engine.folder}: the prefix was read up to layer {prefix.layers}; all {shape.layers} are needed")
        past = 0 if prefix is None else prefix.length
        for tail in tails:
            self.engine.check_length(past + len(tail))

    def batches(self, work: Work, tails: Sequence[Ids], *, extra: int = 0) -> None:
        """Calls `work` with positions into `tails`, a batch at a time; `extra` tokens are to be added to each."""
        if not tails:
            return
        lengths = np.fromiter((len(tail) + extra for tail in tails), dtype=np.int64, count=len(tails))
        budget = batch_budget(self.batch_tokens, device=self.engine.device, tokens=int(lengths.sum()))
        for_each(work, batches_by_budget(lengths, budget), device=self.engine.device)

    def numbers(self, found: Tensor, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Numbers of the tails at `rows`, float32, a row each.

        Raises:
            NotANumber: some are not; the error names the tails' rows.
        """
        own: NDArray[np.float32] = found.float().cpu().numpy()
        wrong = sorted(int(row) for row in rows[np.isnan(own).any(axis=1)])
        if wrong:
            named = ", ".join(map(str, wrong[:5]))
            raise NotANumber(
                f"{self.engine.folder}: logits of prompt {named} (counted from 0) are not numbers; the weights overflow or are damaged"
            )
        return own


def never_empty(prefix: Prefix | None, tails: Sequence[Ids]) -> tuple[Prefix | None, Sequence[Ids]]:
    """The same prompts with no empty tail and no empty prefix: the prefix lends its last token where a tail is empty.

    Raises:
        BadValue: a tail is empty and so is the prefix.
    """
    if all(len(tail) for tail in tails):
        return (prefix if prefix is not None and prefix.length else None), tails
    if prefix is None or prefix.length == 0:
        raise BadValue("tails", "an empty one", "at least one token, in the prefix or in each tail")
    shorter = prefix.cropped(prefix.length - 1)
    return (shorter if shorter.length else None), [np.concatenate((prefix.ids[-1:], tail)) for tail in tails]
