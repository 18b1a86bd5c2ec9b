"""YesNo: an instruction model is asked whether a passage answers the query, and how sure it is of "Yes" is the score."""

from collections.abc import Sequence

from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.prompting.asking import Asking
from irloom.models.prompting.contract import Spellings
from irloom.models.prompting.fitting import fit_prompt
from irloom.models.prompting.labels import log_share
from irloom.models.scorers.points import Points, PointScorer, measure_each

PROMPT = "Passage: {text}\nQuery: {query}\nDoes the passage answer the query? Answer 'Yes' or 'No'"
PUBLISHED: tuple[Spellings, Spellings] = (("Yes",), ("No",))
ALL: tuple[Spellings, Spellings] = (("Yes", "yes", "YES", " Yes", " yes", " YES"), ("No", "no", "NO", " No", " no", " NO"))


class YesNo(Asking, PointScorer):
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

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        return f"yes_no:{short_hash(self.prompts.fingerprint, str(self.query_tokens), str(self.document_tokens))}"

    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
        """The scores of each group, natural logarithms and 0 at most, and what they cost.

        Raises:
            ModelError: the model cannot be loaded, has no single token for a label, or tells no label scores.
        """
        prompts = self.prompts
        labels = PUBLISHED if prompts.kind == "seq2seq" else ALL
        asked = {query.text: self.shown_query(query.text) for query, _ in groups}

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
