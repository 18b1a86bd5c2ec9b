"""Reading a language-modelling head: next-token logits and likelihoods. Imported when weights load."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irloom.core.errors import NotANumber
from irloom.models.decoders.batched import TailReader, never_empty
from irloom.models.decoders.engine import DecoderEngine, Ids, base_name
from irloom.models.decoders.head import LanguageHead, log_likelihoods
from irloom.models.decoders.prefix import Prefix

HEAD_NUMBERS = 16_000_000
"""Logits at once."""


class LogitReader(TailReader):
    """What is read behind the last layer; threads may share it."""

    def __init__(self, engine: DecoderEngine, batch_tokens: int | None) -> None:
        super().__init__(engine, batch_tokens)
        self.head = LanguageHead(engine.model, base_name(engine.model))

    def next_logits(self, tails: Sequence[Ids], prefix: Prefix | None, tokens: Sequence[int] | None) -> NDArray[np.float32]:
        """See `Decoder.next_logits`."""
        width = self.engine.shape.vocabulary if tokens is None else len(tokens)
        out = np.empty((len(tails), width), dtype=np.float32)
        prefix, tails = never_empty(prefix, tails)
        wanted = None if tokens is None else torch.tensor(list(tokens), dtype=torch.long, device=self.engine.device)
        self.check(tails, prefix)

        def work(rows: NDArray[np.int64]) -> None:
            out[rows] = self.numbers(self.head.logits(self.last_states([tails[row] for row in rows], prefix), wanted), rows)

        self.batches(work, tails)
        return out

    def log_likelihood(self, tails: Sequence[tuple[Ids, Ids]], prefix: Prefix | None) -> NDArray[np.float32]:
        """See `Decoder.log_likelihood`."""
        out = np.zeros(len(tails), dtype=np.float32)
        told = [row for row, (_, labels) in enumerate(tails) if len(labels)]
        prefix, contexts = never_empty(prefix, [tails[row][0] for row in told])
        labels = [tails[row][1] for row in told]
        joined = [np.concatenate(pair)[:-1] for pair in zip(contexts, labels, strict=True)]
        self.check(joined, prefix)

        def work(rows: NDArray[np.int64]) -> None:
            hidden = self.engine.hidden([joined[row] for row in rows], prefix)
            end = 0
            for row in rows:
                end += len(joined[row])
                out[told[row]] = self._likelihood(hidden[end - len(labels[row]) : end], labels[row], told[row])

        self.batches(work, joined)
        return out

    def _likelihood(self, hidden: Tensor, labels: Ids, row: int) -> float:
        step = max(1, HEAD_NUMBERS // self.engine.shape.vocabulary)
        wanted = torch.as_tensor(labels, device=hidden.device)
        total = 0.0
        for start in range(0, len(labels), step):
            logits = self.head.logits(hidden[start : start + step], None)
            total += float(log_likelihoods(logits, wanted[start : start + step]).double().sum())
        if np.isnan(total):
            raise NotANumber(
                f"{self.engine.folder}: the likelihood of text {row} (counted from 0) is not a number; the weights overflow or are damaged"
            )
        return total
