"""QueryLikelihood: how likely a model is to write the query when it is asked for a question about the passage."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.types import Document, Query
from irloom.models.generators.generated import LabelScores
from irloom.models.prompting.contract import PromptModel
from irloom.models.prompting.fitting import fit_prompt
from irloom.models.prompting.opening import LanguageModel, open_prompts
from irloom.models.scorers.points import Points, measure_each
from irloom.models.settings import at_least

PROMPT = "Passage: {text}\nPlease write a question based on this passage."


class QueryLikelihood:
    """The log-probability of the query's tokens after a prompt with the passage, summed, not averaged.

    An encoder-decoder's own start token is one of the tokens, as published. Prompts share their chat frame and "Passage: " alone.

    Args:
        model: a folder, a hub id, a Decoder or a Seq2Seq.
        query_tokens: tokens of a query at most, 32 in the published numbers; None for all of it.
        document_tokens: tokens of a passage at most, 128 in the published numbers.

    Raises:
        BadValue: a number is less than 1.

    Paper:
        D. Sachan et al., Improving Passage Retrieval with Zero-Shot Question Generation, EMNLP 2022, section 2; prompt and sum are
        those of S. Zhuang et al.'s code, SIGIR 2024.
    """

    def __init__(self, model: LanguageModel, *, query_tokens: int | None = None, document_tokens: int = 128) -> None:
        at_least("query_tokens", query_tokens, 1)
        at_least("document_tokens", document_tokens, 1)
        self.model, self.query_tokens, self.document_tokens = model, query_tokens, document_tokens
        self._prompts: Once[PromptModel] = Once()

    @property
    def prompts(self) -> PromptModel:
        """The model; its weights load at first use."""
        return self._prompts.get(lambda: open_prompts(self.model))

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        return f"query_likelihood:{short_hash(self.prompts.fingerprint, str(self.query_tokens), str(self.document_tokens))}"

    def warm_up(self) -> None:
        """Loads the weights."""
        self.prompts.warm_up()

    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]:
        """One array a group: float32 (n_i,), natural logarithms, 0 at most; see `measure`."""
        return [points.scores for points in self.measure(groups)]

    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
        """The scores of each group and what they cost.

        Raises:
            ModelError: the model cannot be loaded, or does not tell how likely a text is.
        """
        prompts = self.prompts

        most = self.query_tokens
        asked = {query.text: query.text if most is None else prompts.shorten(query.text, most) for query, _ in groups}
        needed = {text: prompts.length(own) if prompts.kind == "decoder" else 0 for text, own in asked.items()}

        def prepare(query: Query, document: Document) -> tuple[str, int] | None:
            fitted = fit_prompt(
                prompts,
                lambda texts: PROMPT.format(text=texts[0]),
                [document.full_text],
                most=self.document_tokens,
                new_tokens=needed[query.text],
            )
            return None if fitted is None else (fitted.prompt, len(fitted.cut))

        def ask(questions: list[tuple[Query, str]]) -> list[LabelScores]:
            return prompts.likelihoods([prompt for _, prompt in questions], [asked[query.text] for query, _ in questions])

        return measure_each(groups, prepare, ask, lambda found: found[:, 0])
