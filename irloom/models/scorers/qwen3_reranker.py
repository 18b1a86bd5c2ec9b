"""Qwen3Reranker: a decoder trained to answer "yes" or "no" to an instruction, a query and a document."""

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.decoders.decoder import Decoder
from irloom.models.generators.generated import LabelScores
from irloom.models.prompting.labels import log_share
from irloom.models.prompting.shared import read_shared
from irloom.models.scorers.points import Points, PointScorer, measure_each
from irloom.models.settings import at_least

SYSTEM = (
    "Judge whether the Document meets the requirements based on the Query and the Instruct provided. "
    'Note that the answer can only be "yes" or "no".'
)
BEFORE = f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n"
AFTER = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
INSTRUCTION = "Given a web search query, retrieve relevant passages that answer the query"

Ids = NDArray[np.int64]


class Qwen3Reranker(PointScorer):
    """The logarithm of the probability of "yes" against "no" as the next token, in the published chat layout.

    Instruction and query stand before the document, so that they are read once for all documents of a query.

    Args:
        model: a folder, a hub id or a Decoder.
        instruction: the task, in English as the model was trained; the default is the published one.
        document_tokens: tokens of a document at most; None for as many as fit.
        max_tokens: tokens of a prompt; 8192 as published, or the model's context where that is less.

    Raises:
        BadValue: a number is too small.

    Paper:
        Y. Zhang et al., Qwen3 Embedding: Advancing Text Embedding and Reranking Through Foundation Models, arXiv 2506.05176, 2025,
        section 2; layout and reading are those of the model card.
    Differs:
        the score is the logarithm of the published one; a document that is too long is cut so that the query stays whole.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Decoder,
        *,
        instruction: str = INSTRUCTION,
        document_tokens: int | None = None,
        max_tokens: int = 8192,
    ) -> None:
        at_least("document_tokens", document_tokens, 1)
        at_least("max_tokens", max_tokens, 1)
        self.decoder = Decoder(model) if isinstance(model, str | os.PathLike) else model
        self.instruction, self.document_tokens, self.max_tokens = instruction, document_tokens, max_tokens

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        settings = (self.instruction, str(self.document_tokens), str(self.max_tokens))
        return f"qwen3_reranker:{short_hash(self.decoder.fingerprint, *settings)}"

    def warm_up(self) -> None:
        """Loads the weights."""
        self.decoder.warm_up()

    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
        """The scores of each group, natural logarithms and 0 at most, and what they cost.

        Raises:
            ModelError: the model cannot be loaded, or "yes" or "no" is no single token of it.
        """
        decoder = self.decoder
        before, after = decoder.encode(BEFORE), decoder.encode(AFTER)
        tokens = [decoder.token("yes", after="\n\n"), decoder.token("no", after="\n\n")]
        room = min(self.max_tokens, decoder.shape.context) - len(before) - len(after)
        asked = {query.text: f"<Instruct>: {self.instruction}\n<Query>: {query.text}\n<Document>: " for query, _ in groups}
        full = {text for text, head in asked.items() if len(decoder.encode(head, plain=True)) >= room}

        def prepare(query: Query, document: Document) -> tuple[Ids, int] | None:
            if query.text in full:
                return None
            head = asked[query.text]
            text = document.full_text
            if self.document_tokens is not None:
                own = decoder.encode(text, plain=True)
                text = text if len(own) <= self.document_tokens else decoder.decode(own[: self.document_tokens])
            body = decoder.encode(head + text, plain=True)
            return np.concatenate((before, body[:room], after)), int(len(body) > room)

        def ask(questions: list[tuple[Query, Ids]]) -> list[LabelScores]:
            rows = [row for _, row in questions]
            found = read_shared(
                rows, decoder.prefill, lambda tails, prefix: decoder.next_logits(tails, prefix=prefix, tokens=tokens), width=2
            )
            listed = np.ones(2, np.bool_)
            return [LabelScores(row, listed, prompt_tokens=len(ids)) for row, ids in zip(found, rows, strict=True)]

        return measure_each(groups, prepare, ask, lambda found: log_share(found[:, 0], found[:, 1]))
