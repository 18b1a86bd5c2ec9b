"""QueryLikelihood: how likely a model is to write the query when it is asked for a question about the passage."""

from collections.abc import Sequence

from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.generators.generated import LabelScores
from irloom.models.prompting.asking import Asking
from irloom.models.prompting.fitting import fit_prompt
from irloom.models.scorers.points import Points, PointScorer, measure_each

PROMPT = "Passage: {text}\nPlease write a question based on this passage."


class QueryLikelihood(Asking, PointScorer):
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

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        return f"query_likelihood:{short_hash(self.prompts.fingerprint, str(self.query_tokens), str(self.document_tokens))}"

    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
        """The scores of each group, natural logarithms and 0 at most, and what they cost.

        Raises:
            ModelError: the model cannot be loaded, or does not tell how likely a text is.
        """
        prompts = self.prompts
        asked = {query.text: self.shown_query(query.text) for query, _ in groups}
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
