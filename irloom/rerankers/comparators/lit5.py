"""LiT5: passages are encoded apart, and one decoder reads them together; it writes their order, or its attention gives it."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import short_hash
from irloom.core.once import Once
from irloom.core.types import Document, Query
from irloom.models.fused_attention import FusedAttention
from irloom.models.naming import naming_query
from irloom.models.seq2seq import Seq2Seq
from irloom.models.settings import at_least
from irloom.rerankers.comparators.contract import FAILED, Answer, Candidates, Spent
from irloom.rerankers.comparators.fitting import Fitted, fitted
from irloom.rerankers.comparators.list_answers import read_order
from irloom.rerankers.comparators.list_prompt import ListPrompt

Ids = NDArray[np.int64]

PASSAGE_TOKENS = 150
"""Tokens of a passage with the query and the words around it, as published."""

_PROMPT = ListPrompt()


class _Fused:
    """What both share: one text for each document, cut so that it fits; the query never is.

    Args:
        model: a folder, a hub id or a Seq2Seq.
        passage_tokens: tokens of a passage's text, 16 or more.

    Raises:
        BadValue: `passage_tokens` is less than 16.
    """

    name = ""
    text = ""
    most: int | None = None

    def __init__(self, model: str | Seq2Seq, *, passage_tokens: int = PASSAGE_TOKENS) -> None:
        at_least("passage_tokens", passage_tokens, 16)
        self.model = Seq2Seq(model) if isinstance(model, str) else model
        self.passage_tokens = passage_tokens

    @property
    def fingerprint(self) -> str:
        """The model's and the settings, hashed."""
        return short_hash(self.name, self.model.fingerprint, str(self.passage_tokens))

    def warm_up(self) -> None:
        """Loads the weights."""
        self.model.warm_up()

    def order(self, requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
        """The order of each request's documents; fewer than two need no call."""
        answers = [Answer(list(range(len(documents)))) for _, documents in requests]
        places, groups, cuts = [], [], []
        for place, (query, documents) in enumerate(requests):
            if len(documents) < 2:
                continue
            texts = [self._fitted(query, index, document) for index, document in enumerate(documents, start=1)]
            if None in texts:
                detail = f"the query leaves no room for a document in {self.passage_tokens} tokens"
                answers[place] = Answer(answers[place].value, fault=FAILED, detail=detail)
                continue
            found = [text for text in texts if text is not None]
            places.append(place)
            groups.append([text.prompt for text in found])
            usual = self.passage_tokens
            lost = (_PROMPT.lost(document, words=one.words, usual=usual) for document, one in zip(documents, found, strict=True))
            cuts.append(frozenset(document.id for document, is_cut in zip(documents, lost, strict=True) if is_cut))
        for place, cut, answer in zip(places, cuts, self._answers([requests[place][0] for place in places], groups), strict=True):
            answers[place] = Answer(answer.value, answer.spent + Spent(cut_documents=cut), answer.fault, answer.detail)
        return answers

    def _fitted(self, query: Query, index: int, document: Document) -> Fitted[Ids] | None:
        """The text's ids, with as many words of the document as fit."""

        def render(words: int) -> Ids:
            text = self.text.format(query=query.text, index=index, passage=_PROMPT.passage(document, words=words))
            return self.model.encode(text, special=True)

        return fitted(render, len, documents=1, words=self.passage_tokens, room=self.passage_tokens)

    def _answers(self, queries: Sequence[Query], groups: Sequence[Sequence[Ids]]) -> list[Answer[list[int]]]:
        raise NotImplementedError


class LiT5Distill(_Fused):
    """Orders lists by a permutation that the decoder writes over all passages.

    Args:
        model: a folder or hub id such as "castorini/LiT5-Distill-base", or a Seq2Seq.
        passage_tokens: tokens of a passage with the query and the words around it, 16 or more.

    Raises:
        BadValue: `passage_tokens` is less than 16.

    Paper:
        M. Tamber, R. Pradeep and J. Lin, Scaling Down, LiTting Up: Efficient Zero-Shot Listwise Reranking with Seq2seq Encoder-Decoder
        Models, arXiv 2312.16098, 2023, section 3.1.

    Differs:
        Where a text is too long the passage loses words; the toolkit cuts the end, and "Relevance Ranking:" with it. An answer has as
        many tokens as the whole list at most; the toolkit allows as many as the list has characters.
    """

    name = "lit5_distill"
    text = "Search Query: {query} Passage: [{index}] {passage} Relevance Ranking: "

    def _answers(self, queries: Sequence[Query], groups: Sequence[Sequence[Ids]]) -> list[Answer[list[int]]]:
        answers: dict[int, Answer[list[int]]] = {}
        for n in dict.fromkeys(len(texts) for texts in groups):
            some = [place for place, texts in enumerate(groups) if len(texts) == n]
            most = len(self.model.encode(_PROMPT.answer(range(n)), special=True))
            asked = [(queries[place], groups[place]) for place in some]
            written = naming_query(partial(self.model.generate_fused, max_new_tokens=most), asked)
            for place, text in zip(some, written, strict=True):
                order, fault = read_order(text, n, _PROMPT)
                spent = Spent(sum(map(len, groups[place])), len(self.model.encode(text)), 1)
                answers[place] = Answer(order, spent, fault, text)
        return [answers[place] for place in range(len(groups))]


class LiT5Score(_Fused):
    """Orders lists by the decoder's cross-attention to each passage, without its query, while it writes an answer.

    Args:
        model: a folder or hub id such as "castorini/LiT5-Score-base", or a Seq2Seq; a T5.
        passage_tokens: tokens of a passage with the query and the words around it, 16 or more.

    Raises:
        BadValue: `passage_tokens` is less than 16.

    Paper:
        M. Tamber, R. Pradeep and J. Lin, Scaling Down, LiTting Up: Efficient Zero-Shot Listwise Reranking with Seq2seq Encoder-Decoder
        Models, arXiv 2312.16098, 2023, section 3.2.
    """

    name = "lit5_score"
    text = "question: {query} context: {passage}"

    def __init__(self, model: str | Seq2Seq, *, passage_tokens: int = PASSAGE_TOKENS) -> None:
        super().__init__(model, passage_tokens=passage_tokens)
        self._attention: Once[FusedAttention] = Once()

    @property
    def attention(self) -> FusedAttention:
        """What reads the cross-attention."""
        return self._attention.get(lambda: FusedAttention(self.model))

    def warm_up(self) -> None:
        """Loads the weights.

        Raises:
            ModelError: the model is no T5.
        """
        self.attention.warm_up()

    def _answers(self, queries: Sequence[Query], groups: Sequence[Sequence[Ids]]) -> list[Answer[list[int]]]:
        answers = []
        read = naming_query(self.attention.read, list(zip(queries, groups, strict=True)))
        for query, texts, found in zip(queries, groups, read, strict=True):
            asked = len(self.model.encode(f"question: {query.text}"))
            scores = np.array([row[asked:].sum() for row in found.weights], np.float32)
            order = [int(place) for place in np.argsort(-scores, kind="stable")]
            answers.append(Answer(order, Spent(sum(map(len, texts)), found.written, 1)))
        return answers
