"""RankLLaMA: a decoder with a linear head on its last token scores a query and a document."""

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import ModelError
from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.decoders.sequence_head import SequenceHead
from irloom.models.generators.generated import LabelScores
from irloom.models.prompting.shared import read_shared
from irloom.models.scorers.points import Points, PointScorer, measure_each
from irloom.models.settings import at_least

PASSAGE = 164
"""Tokens of a passage in training."""

Ids = NDArray[np.int64]


class RankLLaMA(PointScorer):
    """The raw output of the head, read at the end token that follows "query: ..." and "document: title text".

    The query stands first, so that it is read once for all of its documents.

    Args:
        model: a folder, a hub id or a SequenceHead.
        query_tokens: tokens of the query's part at most; None for all of it.
        document_tokens: tokens of the document's part at most; 164 as it was trained on passages.
        end: whether the tokenizer's end token is put behind the document, as in training.

    Raises:
        BadValue: a number is less than 1.

    Paper:
        X. Ma et al., Fine-Tuning LLaMA for Multi-Stage Text Retrieval, SIGIR 2024, section 3.2.
    Differs:
        a document is cut, never the query, and the end token is never lost with it.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | SequenceHead,
        *,
        query_tokens: int | None = None,
        document_tokens: int = PASSAGE,
        end: bool = True,
    ) -> None:
        at_least("query_tokens", query_tokens, 1)
        at_least("document_tokens", document_tokens, 1)
        self.head = model if isinstance(model, SequenceHead) else SequenceHead(model)
        self.query_tokens, self.document_tokens, self.end = query_tokens, document_tokens, end

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        return f"rankllama:{short_hash(self.head.fingerprint, str(self.query_tokens), str(self.document_tokens), str(self.end))}"

    def warm_up(self) -> None:
        """Loads the weights.

        Raises:
            ModelError: the head gives more than one number.
        """
        self.head.warm_up()
        if self.head.labels != 1:
            raise ModelError(f"{self.head.folder}: the head gives {self.head.labels} numbers; RankLLaMA's gives one")

    def measure(self, groups: Sequence[tuple[Query, Sequence[Document]]]) -> list[Points]:
        """The scores of each group, raw outputs of the head, and what they cost.

        Raises:
            ModelError: the folder holds no decoder with a head of one number.
        """
        self.warm_up()
        head, end = self.head, self._end()
        asked = {query.text: self._part(f"query: {query.text}", self.query_tokens) for query, _ in groups}

        def prepare(query: Query, document: Document) -> tuple[Ids, int] | None:
            first = asked[query.text]
            room = head.shape.context - len(first) - len(end)
            if room < 1:
                return None
            whole = self._part(f"document: {document.full_text}", self.document_tokens)
            return np.concatenate((first, whole[:room], end)), int(len(whole) > room)

        def ask(questions: list[tuple[Query, Ids]]) -> list[LabelScores]:
            rows = [row for _, row in questions]
            found = read_shared(rows, head.prefill, lambda tails, prefix: head.scores(tails, prefix=prefix), width=1)
            listed = np.ones(1, np.bool_)
            return [LabelScores(row, listed, prompt_tokens=len(ids)) for row, ids in zip(found, rows, strict=True)]

        return measure_each(groups, prepare, ask, lambda found: found[:, 0])

    def _part(self, text: str, most: int | None) -> Ids:
        """The tokens of one side, with those that the tokenizer puts before each side of a pair, and no end token of its own."""
        ids = self.head.encode(text, special=True, plain=True)
        end = self._end()
        ids = ids[:-1] if len(end) and len(ids) and ids[-1] == end[0] else ids
        return ids if most is None else ids[:most]

    def _end(self) -> Ids:
        """The end token, or nothing where it is not wanted.

        Raises:
            ModelError: it is wanted, and the tokenizer has none.
        """
        if not self.end:
            return np.empty(0, np.int64)
        token = self.head.end
        if token is None:
            raise ModelError(f"{self.head.folder}: the tokenizer has no end token; set end=False for a model that was trained without")
        return np.array([token], np.int64)
