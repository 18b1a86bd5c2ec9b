"""MonoT5: T5 says "true" or "false" about a query and a document."""

import os
from collections.abc import Sequence

from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.prompting.labels import log_share
from irloom.models.prompting.seq2seq_prompts import Seq2SeqPrompts
from irloom.models.scorers.points import Points, PointScorer, measure_each
from irloom.models.seq2seq import Seq2Seq
from irloom.models.settings import at_least

PROMPT = "Query: {query} Document: {text} Relevant:"
RESERVED = 64
"""Tokens that the published code leaves free."""


class MonoT5(PointScorer):
    """The logarithm of the probability of "true" against "false" at the decoder's first step.

    The document is cut so that the prompt has `max_tokens` tokens less 64 at most; the query and "Relevant:" never are. Nothing is
    shared between prompts: T5's encoder reads in both directions.

    Args:
        model: a folder, a hub id or a Seq2Seq.
        max_tokens: tokens of a prompt, 80 or more; 512 in the published numbers.

    Raises:
        BadValue: `max_tokens` is less than 80.

    Paper:
        R. Nogueira, Z. Jiang, R. Pradeep and J. Lin, Document Ranking with a Pretrained Sequence-to-Sequence Model, Findings of
        EMNLP 2020, section 3.
    """

    def __init__(self, model: str | os.PathLike[str] | Seq2Seq, *, max_tokens: int = 512) -> None:
        at_least("max_tokens", max_tokens, RESERVED + 16)
        self.prompts = Seq2SeqPrompts(model if isinstance(model, Seq2Seq) else Seq2Seq(model))
        self.max_tokens = max_tokens

    @property
    def fingerprint(self) -> str:
        """The model's and the limit, hashed."""
        return f"monot5:{short_hash(self.prompts.fingerprint, str(self.max_tokens))}"

    def warm_up(self) -> None:
        """Loads the weights."""
        self.prompts.warm_up()

    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
        """The scores of each group, natural logarithms and 0 at most, and what they cost.

        Raises:
            ModelError: the folder holds no encoder-decoder, or "true" or "false" is no single token of it.
        """
        prompts = self.prompts
        frames = {query.text: prompts.length(PROMPT.format(query=query.text, text="")) for query, _ in groups}

        def prepare(query: Query, document: Document) -> tuple[str, int] | None:
            room = self.max_tokens - RESERVED - frames[query.text] - 1  # the published code counts the end token with the document too
            if room < 1:
                return None
            return PROMPT.format(query=query.text, text=prompts.shorten(document.full_text, room)), 0

        return measure_each(
            groups,
            prepare,
            lambda questions: prompts.label_scores([prompt for _, prompt in questions], (("true",), ("false",))),
            lambda found: log_share(found[:, 0], found[:, 1]),
        )
