"""YesNo: an instruction model is asked whether a passage answers the query, and how sure it is of "Yes" is the score."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.types import Document, Query
from irloom.models.prompting.contract import PromptModel, Spellings
from irloom.models.prompting.fitting import fit_prompt
from irloom.models.prompting.labels import log_share
from irloom.models.prompting.opening import LanguageModel, open_prompts
from irloom.models.scorers.points import Points, measure_each
from irloom.models.settings import at_least

PROMPT = "Passage: {text}\nQuery: {query}\nDoes the passage answer the query? Answer 'Yes' or 'No'"
PUBLISHED: tuple[Spellings, Spellings] = (("Yes",), ("No",))
ALL: tuple[Spellings, Spellings] = (("Yes", "yes", "YES", " Yes", " yes", " YES"), ("No", "no", "NO", " No", " no", " NO"))


class YesNo:
    """The logarithm of the probability of "Yes" against "No" as the first token of the answer.

    Encoder-decoders are read at "Yes" and "No", as published. A decoder's and a server's answer may be written in six ways each, with
    and without a capital or a leading blank: those that are one token have their probabilities added.

    The passage stands before the query, so that prompts share their chat frame and "Passage: " alone.

    Args:
        model: a folder, a hub id, a Decoder, a Seq2Seq, or a Generator that tells label scores.
        query_tokens: tokens of a query at most, 32 in the published numbers; None for all of it.
        document_tokens: tokens of a passage at most, 128 in the published numbers.

    Raises:
        BadValue: a number is less than 1.

    Paper:
        S. Zhuang et al., A Setwise Approach for Effective and Highly Efficient Zero-shot Ranking with Large Language Models,
        SIGIR 2024, section 2; the prompt is that of its code.
    Differs:
        the score is the logarithm of the published one, which tells apart what would round to 1.
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
        return f"yes_no:{short_hash(self.prompts.fingerprint, str(self.query_tokens), str(self.document_tokens))}"

    def warm_up(self) -> None:
        """Loads the weights."""
        self.prompts.warm_up()

    def score(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[NDArray[np.float32]]:
        """One array a group: float32 (n_i,), natural logarithms, 0 at most; see `measure`."""
        return [points.scores for points in self.measure(groups)]

    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
        """The scores of each group and what they cost.

        Raises:
            ModelError: the model cannot be loaded, has no single token for a label, or tells no label scores.
        """
        prompts = self.prompts
        labels = PUBLISHED if prompts.kind == "seq2seq" else ALL

        most = self.query_tokens
        asked = {query.text: query.text if most is None else prompts.shorten(query.text, most) for query, _ in groups}

        def prepare(query: Query, document: Document) -> tuple[str, int] | None:
            fitted = fit_prompt(
                prompts,
                lambda texts: PROMPT.format(text=texts[0], query=asked[query.text]),
                [document.full_text],
                most=self.document_tokens,
            )
            return None if fitted is None else (fitted.prompt, len(fitted.cut))

        return measure_each(
            groups,
            prepare,
            lambda questions: prompts.label_scores([prompt for _, prompt in questions], labels),
            lambda found: log_share(found[:, 0], found[:, 1]),
        )
