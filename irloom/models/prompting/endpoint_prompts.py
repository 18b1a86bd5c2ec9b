"""EndpointPrompts: a server, or any other Generator, asked with whole prompts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from irloom.core.contracts import Generator
from irloom.core.errors import ModelError
from irloom.models.generators.generated import Answering, Generated, LabelScores, LabelScoring
from irloom.models.prompting.contract import Spellings
from irloom.models.prompting.labels import added


class EndpointPrompts:
    """Prompts are sent as they are. Without the model's tokenizer texts are shortened by words, and answers cannot be begun.

    Args:
        generator: gives texts; label scores too where it has `label_scores`.
    """

    kind: Literal["endpoint"] = "endpoint"
    context: int | None = None

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    @property
    def fingerprint(self) -> str:
        """The generator's, its class's name where it has none."""
        return str(getattr(self.generator, "fingerprint", type(self.generator).__name__))

    def warm_up(self) -> None:
        """Warms the generator up, where it can be."""
        warm_up = getattr(self.generator, "warm_up", None)
        if warm_up is not None:
            warm_up()

    def shorten(self, text: str, most: int) -> str:
        """The text, or its first `most` words where it has more."""
        words = text.split()
        return text if len(words) <= most else " ".join(words[:most])

    def length(self, prompt: str, *, start: str = "") -> int:
        """Words of the prompt."""
        return len(prompt.split())

    def label_scores(self, prompts: Sequence[str], labels: Sequence[Spellings], *, start: str = "") -> list[LabelScores]:
        """See `PromptModel`; log-probabilities of what the server names. Spellings that differ by blanks are one to it."""
        if not isinstance(self.generator, LabelScoring):
            raise ModelError(f"{type(self.generator).__name__} gives texts alone; compare by generated text instead of by likelihood")
        names = list(dict.fromkeys(spelling.strip() for spellings in labels for spelling in spellings))
        members = [[names.index(name) for name in dict.fromkeys(spelling.strip() for spelling in spellings)] for spellings in labels]
        found = self.generator.label_scores(prompts, names) if prompts else []
        return [
            replace(
                one,
                scores=added(one.scores[None], [[place for place in own if one.listed[place]] or own[:1] for own in members])[0],
                listed=np.array([bool(one.listed[own].any()) for own in members], np.bool_),
            )
            for one in found
        ]

    def answers(self, prompts: Sequence[str], *, start: str = "", max_new_tokens: int) -> list[Generated]:
        """See `PromptModel`; a prompt that failed has a fault where the generator tells."""
        if not prompts:
            return []
        if isinstance(self.generator, Answering):
            return self.generator.answers(prompts, max_new_tokens=max_new_tokens)
        return [Generated(text) for text in self.generator.generate(prompts, max_new_tokens=max_new_tokens)]

    def likelihoods(self, prompts: Sequence[str], answers: Sequence[str]) -> list[LabelScores]:
        """Not known here.

        Raises:
            ModelError: always.
        """
        raise ModelError(f"{type(self.generator).__name__} does not tell how likely a given text is; name a model's folder instead")
