"""Greedy continuations of many prompts side by side. Imported when weights load."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.models.decoders.batched import TailReader
from irloom.models.decoders.calls import Call, Pasts
from irloom.models.decoders.engine import Ids
from irloom.models.decoders.logits import LogitReader
from irloom.models.decoders.prefix import Prefix


class GreedyWriter(TailReader):
    """Writes the likeliest token again and again; of equal ones the first."""

    def __init__(self, reader: LogitReader) -> None:
        super().__init__(reader.engine, reader.batch_tokens)
        self.head = reader.head
        self.ends = end_tokens(reader.engine.model)

    def generate(self, prompts: Sequence[Ids], *, max_new_tokens: int) -> list[Ids]:
        """New token ids of each prompt, int64, without the end token; errors are those of `Decoder.generate`."""
        if any(not len(prompt) for prompt in prompts):
            raise BadValue("prompts", "", "texts of at least one token")
        for prompt in prompts:
            self.engine.check_length(len(prompt) + max_new_tokens)
        shared = common_start(prompts)
        prefix = self.engine.prefill(prompts[0][:shared], None, layers=self.engine.shape.layers) if shared else None
        tails = [prompt[shared:] for prompt in prompts]
        answers: list[Ids] = [np.zeros(0, dtype=np.int64)] * len(prompts)

        def work(rows: NDArray[np.int64]) -> None:
            written = self._continued([tails[row] for row in rows], prefix, rows, max_new_tokens)
            for row, ids in zip(rows, written, strict=True):
                answers[row] = ids

        self.batches(work, tails, extra=max_new_tokens)
        return answers

    def _continued(self, tails: Sequence[Ids], prefix: Prefix | None, rows: NDArray[np.int64], most: int) -> list[Ids]:
        offsets = np.cumsum([0, *(len(tail) for tail in tails)])
        layers = self.engine.shape.layers
        call = Call(offsets.tolist(), prefix, layers, whole=True, keep=True)
        hidden = self.engine.run(tails, call)
        assert hidden is not None
        hidden = hidden[torch.as_tensor(offsets[1:] - 1, device=hidden.device)]
        pasts = Pasts(call, max(len(tail) for tail in tails) + most)
        answers: list[list[int]] = [[] for _ in tails]
        alive = list(range(len(tails)))
        for step in range(most):
            logits = self.numbers(self.head.logits(hidden, None), rows[alive])
            newest = logits.argmax(axis=1).tolist()
            stays = [place for place, token in enumerate(newest) if token not in self.ends]
            for place in stays:
                answers[alive[place]].append(newest[place])
            if not stays or step == most - 1:
                break
            if len(stays) < len(alive):
                pasts.keep_rows(stays)
                alive = [alive[place] for place in stays]
            tokens = [np.array([newest[place]], dtype=np.int64) for place in stays]
            following = self.engine.run(tokens, Call(range(len(alive) + 1), prefix, layers, whole=True, pasts=pasts))
            assert following is not None
            hidden = following
        return [np.array(answer, dtype=np.int64) for answer in answers]


def common_start(prompts: Sequence[Ids]) -> int:
    """How many tokens all prompts begin with; at least one is left to each. 0 for a single prompt.

    >>> common_start([np.array([1, 2, 3]), np.array([1, 2, 4, 5]), np.array([1, 2])])
    1
    """
    if len(prompts) < 2:
        return 0
    most = min(len(prompt) for prompt in prompts) - 1
    same = np.ones(most, dtype=bool)
    for prompt in prompts[1:]:
        same &= prompt[:most] == prompts[0][:most]
    return most if same.all() else int(np.argmin(same))


def end_tokens(model: Any) -> frozenset[int]:
    """The tokens that end a text, as the folder's generation settings say, else its configuration."""
    for settings in (getattr(model, "generation_config", None), model.config):
        found = getattr(settings, "eos_token_id", None)
        if found is not None:
            return frozenset([int(found)] if isinstance(found, int) else [int(token) for token in found])
    return frozenset()
