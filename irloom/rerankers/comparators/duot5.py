"""DuoT5: T5 says "true" or "false" about whether one document is more relevant than another."""

import os
from collections.abc import Sequence
from functools import cache

import numpy as np

from irloom.core.errors import ModelError
from irloom.core.files import short_hash
from irloom.core.types import Document, Query
from irloom.models.prompting.fitting import Shorten
from irloom.models.prompting.labels import log_share
from irloom.models.prompting.seq2seq_prompts import Seq2SeqPrompts
from irloom.models.scorers.points import NO_ROOM
from irloom.models.seq2seq import Seq2Seq
from irloom.models.settings import at_least
from irloom.rerankers.comparators.contract import FAILED, Answer
from irloom.rerankers.comparators.passage_labels import spent_on

PROMPT = "Query: {query} Document0: {first} Document1: {second} Relevant:"
RESERVED = 64
"""Tokens that the published code leaves free."""


class DuoT5:
    """The probability of "true" at the decoder's first step: that the first document is the better one.

    With `both_orders` it is averaged with that of the other order, (p(a, b) + 1 - p(b, a)) / 2, which cancels a liking for one place:
    over all pairs it sums to half of the published "sum-sum". Without it each pair is asked once, in the order given, as the later
    toolkit does for half the cost. Each document gets half of what `max_tokens` leaves, less 64; the query is never cut. Nothing is
    shared between prompts: T5's encoder reads in both directions.

    Args:
        model: a folder, a hub id or a Seq2Seq.
        both_orders: whether each pair is asked in both orders.
        max_tokens: tokens of a prompt, 80 or more; 512 in the published numbers.

    Raises:
        BadValue: `max_tokens` is less than 80.

    Paper:
        R. Pradeep, R. Nogueira and J. Lin, The Expando-Mono-Duo Design Pattern for Text Ranking with Pretrained
        Sequence-to-Sequence Models, arXiv 2101.05667, 2021, section 3.4.
    """

    def __init__(self, model: str | os.PathLike[str] | Seq2Seq, *, both_orders: bool = True, max_tokens: int = 512) -> None:
        at_least("max_tokens", max_tokens, RESERVED + 16)
        self.prompts = Seq2SeqPrompts(model if isinstance(model, Seq2Seq) else Seq2Seq(model))
        self.both_orders, self.max_tokens = both_orders, max_tokens

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        return short_hash("duot5", self.prompts.fingerprint, str(self.both_orders), str(self.max_tokens))

    def warm_up(self) -> None:
        """Loads the weights."""
        self.prompts.warm_up()

    def compare(self, requests: Sequence[tuple[Query, Document, Document]]) -> list[Answer[float]]:
        """The probability that the first document is the better one.

        Raises:
            ModelError: the folder holds no encoder-decoder, "true" or "false" is no single token of it, or a logit is NaN.
        """
        shorten = cache(self.prompts.shorten)  # for this call alone: a document is in many pairs
        rendered = [self._rendered(*request, shorten) for request in requests]
        prompts = [prompt for some in rendered for prompt in some]
        found = self.prompts.label_scores(prompts, (("true",), ("false",))) if prompts else []
        answers, start = [], 0
        for (query, first, second), some in zip(requests, rendered, strict=True):
            if not some:
                answers.append(Answer(0.5, fault=FAILED, detail=NO_ROOM))
                continue
            mine = found[start : start + len(some)]
            start += len(some)
            scores = np.stack([one.scores for one in mine])
            shares = np.exp(log_share(scores[:, 0], scores[:, 1]).astype(np.float64))
            if np.isnan(shares).any():
                raise ModelError(f"query {query.id!r}: the comparison of documents {first.id!r} and {second.id!r} is NaN")
            value = shares[0] if len(shares) == 1 else (shares[0] + 1 - shares[1]) / 2
            answers.append(Answer(float(value), spent_on(mine)))
        return answers

    def _rendered(self, query: Query, first: Document, second: Document, shorten: Shorten) -> list[str]:
        """One prompt or, for both orders, two; none where the query leaves no room."""
        model = self.prompts
        frame = model.length(PROMPT.format(query=query.text, first="", second=""))
        room = (self.max_tokens - RESERVED - frame) // 2 - 1  # the published code counts an end token with each document too
        if room < 1:
            return []
        texts = [shorten(document.full_text, room) for document in (first, second)]
        orders = (texts, texts[::-1]) if self.both_orders else (texts,)
        return [PROMPT.format(query=query.text, first=one, second=other) for one, other in orders]
