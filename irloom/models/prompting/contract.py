"""What rerankers ask of a language model, whether it is a decoder, an encoder-decoder or a server."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from irloom.models.generators.generated import Generated, LabelScores

Spellings: TypeAlias = Sequence[str]
"""Ways to write one label, such as "Yes" and " yes"; their probabilities are added."""

Kind: TypeAlias = Literal["decoder", "seq2seq", "endpoint"]


class PromptModel(Protocol):
    """A language model that reads a prompt, one turn of the user, and begins its answer with `start`.

    `context` is the number of tokens that a prompt may have, None for any; `kind` says what model it is, since published methods begin
    the answers of each kind in their own way. An endpoint lets nobody begin its answers: it leaves `start` out.
    """

    @property
    def fingerprint(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def context(self) -> int | None: ...
    def warm_up(self) -> None: ...

    def shorten(self, text: str, most: int) -> str:
        """The text, or its first `most` tokens where it has more."""
        ...

    def length(self, prompt: str, *, start: str = "") -> int:
        """Tokens of a prompt, its frame included."""
        ...

    def label_scores(self, prompts: Sequence[str], labels: Sequence[Spellings], *, start: str = "") -> list[LabelScores]:
        """How likely each label is to come right after `start`: logits, or log-probabilities; only their differences count.

        Raises:
            ModelError: a label is no single token in any of its spellings, or logits are not numbers.
        """
        ...

    def answers(self, prompts: Sequence[str], *, start: str = "", max_new_tokens: int) -> list[Generated]:
        """What the model writes after `start`, greedily."""
        ...

    def likelihoods(self, prompts: Sequence[str], answers: Sequence[str]) -> list[LabelScores]:
        """The log-probability of a given answer to each prompt, summed over its tokens: scores of shape (1,).

        Raises:
            ModelError: the model does not tell.
        """
        ...
