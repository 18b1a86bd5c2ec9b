"""Reading a sequence classifier's head on a decoder. Imported when weights load."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import nn

from irloom.core.errors import ModelError
from irloom.models.decoders.batched import TailReader, never_empty
from irloom.models.decoders.engine import DecoderEngine, Ids
from irloom.models.decoders.prefix import Prefix


class ScoreReader(TailReader):
    """Scores at last tokens; threads may share it."""

    def __init__(self, engine: DecoderEngine, batch_tokens: int | None) -> None:
        super().__init__(engine, batch_tokens)
        heads = [module for name, module in engine.model.named_children() if isinstance(module, nn.Linear)]
        if len(heads) != 1:
            raise ModelError(f"{engine.folder}: {type(engine.model).__name__} has {len(heads)} linear heads on its decoder; expected one")
        self.head = heads[0]
        self.labels = self.head.out_features

    def scores(self, tails: Sequence[Ids], prefix: Prefix | None) -> NDArray[np.float32]:
        """See `SequenceHead.scores`."""
        out = np.empty((len(tails), self.labels), dtype=np.float32)
        prefix, tails = never_empty(prefix, tails)
        self.check(tails, prefix)

        def work(rows: NDArray[np.int64]) -> None:
            out[rows] = self.numbers(self.head(self.last_states([tails[row] for row in rows], prefix)), rows)

        self.batches(work, tails)
        return out
