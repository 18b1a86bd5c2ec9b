"""What a generator gives for each prompt where one failure must not lose the other answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from irloom.models.decoders.messages import Message
from irloom.models.waiting import Spans

Prompt: TypeAlias = str | Sequence[Message]
"""A text, which becomes one turn of the user, or the turns of a chat."""


@dataclass(frozen=True, slots=True)
class Generated:
    """One answer.

    Attributes:
        text: what the model wrote; "" where there is a fault.
        prompt_tokens: tokens that it read, as the server counts them.
        new_tokens: tokens that it wrote.
        usd: what it cost in US dollars, by the prices given.
        fault: "" or why there is no text.
        spans: when a server was asked for it, all tries together; none where it was not asked by itself.
    """

    text: str
    prompt_tokens: int = 0
    new_tokens: int = 0
    usd: float = 0.0
    fault: str = ""
    spans: Spans = ()


@dataclass(frozen=True, slots=True)
class LabelScores:
    """How likely each label is to come next.

    Attributes:
        scores: float32 (labels,), natural logarithms of probabilities; all 0 where there is a fault.
        listed: bool (labels,), whether the server named the label; the others stand at the floor.
        prompt_tokens: tokens that the model read.
        new_tokens: tokens that it wrote.
        usd: what it cost in US dollars.
        fault: "" or why there are no scores.
        spans: when a server was asked for them, all tries together; none where it was not asked by itself.
    """

    scores: NDArray[np.float32]
    listed: NDArray[np.bool_]
    prompt_tokens: int = 0
    new_tokens: int = 0
    usd: float = 0.0
    fault: str = ""
    spans: Spans = ()


@runtime_checkable
class Answering(Protocol):
    """A generator whose answers come one by one: a prompt that failed has a fault, and the others have their texts."""

    def answers(self, prompts: Sequence[Prompt], *, max_new_tokens: int) -> list[Generated]: ...


@runtime_checkable
class LabelScoring(Protocol):
    """A generator that says how likely each of some labels is as the next token, or as the one behind `after`."""

    def label_scores(self, prompts: Sequence[Prompt], labels: Sequence[str], *, after: str = "") -> list[LabelScores]: ...
