"""DecoderPrompts: a Decoder asked with whole prompts; what prompts begin with in common is read once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.messages import Message
from irloom.models.generators.generated import Generated, LabelScores
from irloom.models.prompting.contract import Spellings
from irloom.models.prompting.first_tokens import first_tokens
from irloom.models.prompting.labels import added, label_tokens
from irloom.models.prompting.prefix_store import prefixes_of
from irloom.models.prompting.shared import read_shared

Ids = NDArray[np.int64]
_BEFORE = ("", "\n")
"""What may stand before an answer that has no start: a label is looked for behind each."""


class DecoderPrompts:
    """Each prompt is one turn of the user in the model's own chat template, or plain text where it has none.

    Args:
        decoder: the model.
    """

    kind: Literal["decoder"] = "decoder"

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self._token_ids = lru_cache(maxsize=1024)(self._find_token_ids)

    @property
    def fingerprint(self) -> str:
        """The decoder's."""
        return self.decoder.fingerprint

    @property
    def context(self) -> int:
        """Tokens that the decoder reads at most."""
        return self.decoder.shape.context

    def warm_up(self) -> None:
        """Loads the weights."""
        self.decoder.warm_up()

    def shorten(self, text: str, most: int) -> str:
        """See `PromptModel`."""
        return first_tokens(text, most, encode=lambda part: self.decoder.encode(part, plain=True), decode=self.decoder.decode)

    def length(self, prompt: str, *, start: str = "") -> int:
        """See `PromptModel`."""
        return len(self._row(prompt, start))

    def label_scores(self, prompts: Sequence[str], labels: Sequence[Spellings], *, start: str = "") -> list[LabelScores]:
        """See `PromptModel`; the scores are logits, those of a label's spellings added as probabilities are."""
        ids = [self._token_ids(tuple(spellings), start) for spellings in labels]
        tokens = sorted({token for spellings in ids for token in spellings})
        rows = [self._row(prompt, start) for prompt in prompts]
        logits = read_shared(
            rows,
            self.decoder.prefill,
            lambda tails, prefix: self.decoder.next_logits(tails, prefix=prefix, tokens=tokens),
            width=len(tokens),
            kept=prefixes_of(self.decoder),
        )
        scores = added(logits, [[tokens.index(token) for token in spellings] for spellings in ids])
        listed = np.ones(len(labels), np.bool_)
        return [LabelScores(row, listed, prompt_tokens=len(ids)) for row, ids in zip(scores, rows, strict=True)]

    def answers(self, prompts: Sequence[str], *, start: str = "", max_new_tokens: int) -> list[Generated]:
        """See `PromptModel`."""
        texts = [self.decoder.chat([Message("user", prompt)], start=start) for prompt in prompts]
        written = self.decoder.generate(texts, max_new_tokens=max_new_tokens) if texts else []
        return [
            Generated(text, prompt_tokens=self.length(prompt, start=start), new_tokens=len(self.decoder.encode(text)))
            for prompt, text in zip(prompts, written, strict=True)
        ]

    def likelihoods(self, prompts: Sequence[str], answers: Sequence[str]) -> list[LabelScores]:
        """See `PromptModel`; without a chat template the answer stands on a line of its own."""
        start = "" if self.decoder.has_chat else "\n"
        contexts = [self._row(prompt, start) for prompt in prompts]
        labels = [self.decoder.encode(answer, plain=True) for answer in answers]
        found = np.zeros((len(prompts), 1), np.float32)
        for answer in dict.fromkeys(answers):  # the prompts of one answer are those of one query
            chosen = [place for place, other in enumerate(answers) if other == answer]
            own = labels[chosen[0]]
            found[chosen] = read_shared(
                [contexts[place] for place in chosen],
                self.decoder.prefill,
                lambda tails, prefix, own=own: self.decoder.log_likelihood([(tail, own) for tail in tails], prefix=prefix)[:, None],  # type: ignore[misc]
                width=1,
            )
        listed = np.ones(1, np.bool_)
        return [
            LabelScores(row, listed, prompt_tokens=len(context) + len(own))
            for row, context, own in zip(found, contexts, labels, strict=True)
        ]

    def _row(self, prompt: str, start: str) -> Ids:
        return self.decoder.encode_chat([Message("user", prompt)], start=start)

    def _find_token_ids(self, spellings: tuple[str, ...], start: str) -> tuple[int, ...]:
        befores = (start,) if start else _BEFORE
        return label_tokens(lambda spelling, before: self.decoder.token(spelling, after=before), spellings, befores)
