"""Seq2SeqPrompts: an encoder-decoder asked with whole prompts. Its encoder reads in both directions, so that prompts share nothing."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from irloom.models.generators.generated import Generated, LabelScores
from irloom.models.prompting.contract import Spellings
from irloom.models.prompting.first_tokens import first_tokens
from irloom.models.prompting.labels import added, label_tokens
from irloom.models.seq2seq import Seq2Seq

Ids = NDArray[np.int64]


class Seq2SeqPrompts:
    """Each prompt is what the encoder reads; `start` is what the decoder has written.

    Args:
        model: the encoder-decoder.
    """

    kind: Literal["seq2seq"] = "seq2seq"

    def __init__(self, model: Seq2Seq) -> None:
        self.model = model
        self._token_ids = lru_cache(maxsize=1024)(self._find_token_ids)

    @property
    def fingerprint(self) -> str:
        """The model's."""
        return self.model.fingerprint

    @property
    def context(self) -> int | None:
        """Tokens that the encoder reads at most; None for any number."""
        return self.model.context

    def warm_up(self) -> None:
        """Loads the weights."""
        self.model.warm_up()

    def shorten(self, text: str, most: int) -> str:
        """See `PromptModel`."""
        return first_tokens(text, most, encode=self.model.encode, decode=self.model.decode)

    def length(self, prompt: str, *, start: str = "") -> int:
        """See `PromptModel`."""
        return len(self.model.encode(prompt, special=True))

    def label_scores(self, prompts: Sequence[str], labels: Sequence[Spellings], *, start: str = "") -> list[LabelScores]:
        """See `PromptModel`; the scores are logits of the decoder's next step."""
        ids = [self._token_ids(tuple(spellings), start) for spellings in labels]
        tokens = sorted({token for spellings in ids for token in spellings})
        rows = [self.model.encode(prompt, special=True) for prompt in prompts]
        logits = self.model.next_logits(rows, tokens=tokens, start=self.model.encode(start))
        scores = added(logits, [[tokens.index(token) for token in spellings] for spellings in ids])
        listed = np.ones(len(labels), np.bool_)
        return [LabelScores(row, listed, prompt_tokens=len(ids)) for row, ids in zip(scores, rows, strict=True)]

    def answers(self, prompts: Sequence[str], *, start: str = "", max_new_tokens: int) -> list[Generated]:
        """See `PromptModel`."""
        written = self.model.generate(prompts, max_new_tokens=max_new_tokens, start=start) if prompts else []
        own = self.model.decode(self.model.encode(start))
        return [
            Generated(text.removeprefix(own), prompt_tokens=self.length(prompt), new_tokens=len(self.model.encode(text.removeprefix(own))))
            for prompt, text in zip(prompts, written, strict=True)
        ]

    def likelihoods(self, prompts: Sequence[str], answers: Sequence[str]) -> list[LabelScores]:
        """See `PromptModel`. The decoder's start token is a part of what it is to write, as in the published query likelihood."""
        start = np.array([self.model.start], np.int64)
        labels = {answer: np.concatenate((start, self.model.encode(answer))) for answer in dict.fromkeys(answers)}
        pairs = [(self.model.encode(prompt, special=True), labels[answer]) for prompt, answer in zip(prompts, answers, strict=True)]
        found = self.model.log_likelihood(pairs)
        listed = np.ones(1, np.bool_)
        return [LabelScores(found[place : place + 1], listed, prompt_tokens=len(ids) + len(own)) for place, (ids, own) in enumerate(pairs)]

    def _find_token_ids(self, spellings: tuple[str, ...], start: str) -> tuple[int, ...]:
        return label_tokens(lambda spelling, before: self.model.token(spelling, after=before), spellings, (start,))
