"""Lists as tensors: documents side by side in a batch, the queries of a list one after another behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from irloom.training.samplers.lists import TrainingList
from irloom.training.vocabulary import END, PAD, identifier_ids

INTRODUCTION: Final = "Here are some paragraphs:"
PUBLISHED: Final = "Please find information that are relevant to the following query in the paragraphs above."
"""ICR's published wording around the documents."""
ASKED: Final = "Query:"
ANSWERED: Final = "Best: ["
PROMPT_TEXTS: Final = (
    f"{INTRODUCTION} {PUBLISHED} {ASKED} {ANSWERED} ] > N/A",
    "Please answer the following question based on the information in the paragraphs above. Yes No True False Passage Document",
)
"""Texts whose pieces a vocabulary must have."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch of lists with the same number of documents.

    Attributes:
        ids: int64 (lists, p), the documents, padded behind.
        lengths: int64 (lists,), how many of them are no padding.
        questions: int64 (lists,), where the word before each query stands.
        document_of: int64 (lists, p), the place of the document that a token belongs to; -1 for none.
        identifiers: int64 (lists, n), the token of each document's identifier.
        asked: int64 (lists, s), the queries of a list one after another, each with the beginning of its answer, padded behind.
        query_of: int64 (lists, s), the number of the query, counted over the batch; -1 for padding.
        places: int64 (lists, s), the position of each token, as if its query stood alone behind the documents.
        ends: int64 (queries,), where in its row the last token of a query's prompt stands.
        rows: int64 (queries,), the list of each query.
        targets: int64 (queries,), the place of its document.
        told: how many tokens stand between a query's words and the answer.
        answers: int64 (queries, m), the rest of each answer in tokens where ranks were given, padded with -1; else (queries, 0).
    """

    ids: Tensor
    lengths: Tensor
    questions: Tensor
    document_of: Tensor
    identifiers: Tensor
    asked: Tensor
    query_of: Tensor
    places: Tensor
    ends: Tensor
    rows: Tensor
    targets: Tensor
    told: int
    answers: Tensor

    def mask(self) -> Tensor:
        """What each token of `asked` may look at, float32 (lists, 1, s, p + s): 0, or a large negative number where it may not."""
        p, s = self.ids.shape[1], self.asked.shape[1]
        before = (torch.arange(p) < self.lengths[:, None])[:, None, :].expand(-1, s, -1)
        steps = torch.arange(s)
        own = (self.query_of[:, :, None] == self.query_of[:, None, :]) & (steps[:, None] >= steps[None, :])
        allowed = torch.cat([before, own], dim=-1)
        return torch.zeros(allowed.shape).masked_fill_(~allowed, -1e9)[:, None]


class Packer:
    """Writes lists in the tokens of one tokenizer.

    Args:
        tokenizer: a tokenizer of `small_tokenizer`.
    """

    def __init__(self, tokenizer: Any) -> None:
        def pieces(text: str) -> list[int]:
            return list(tokenizer.encode(text, add_special_tokens=False).ids)

        self.letters, self.numbers = identifier_ids(tokenizer, letters=True), identifier_ids(tokenizer, letters=False)
        self._start, self._published, self._asked, self._answered = map(pieces, (INTRODUCTION, PUBLISHED, ASKED, ANSWERED))
        self._open, self._close, self._next = (pieces(text)[0] for text in ("[", "]", ">"))
        self._pad, self._end = tokenizer.token_to_id(PAD), tokenizer.token_to_id(END)

    def pack(self, lists: Sequence[TrainingList], *, orders: Sequence[Sequence[int]] | None = None) -> Packed:
        """A batch.

        Args:
            lists: one or more, all with the same number of documents.
            orders: for each query of the lists, in their order, all places best first: the answer is the whole order. None for the
                first identifier alone, which is all that `targets` says.
        """
        prefixes = [self._prefix(drawn) for drawn in lists]
        tails: list[list[list[int]]] = []
        number = 0
        for drawn in lists:
            tails.append([])
            for query in drawn.queries:
                answer = [] if orders is None else self._answer(drawn, orders[number])
                tails[-1].append([*query, *self._answered, *answer])
                number += 1
        lengths = torch.tensor([len(ids) for ids, _ in prefixes])
        ids = _padded([ids for ids, _ in prefixes], self._pad)
        asked = _padded([[token for tail in row for token in tail] for row in tails], self._pad)
        query_of, places = torch.full_like(asked, -1), torch.zeros_like(asked)
        ends: list[int] = []
        rows, answers = [], []
        for row, (drawn, pieces) in enumerate(zip(lists, tails, strict=True)):
            at = 0
            for query, tail in zip(drawn.queries, pieces, strict=True):
                query_of[row, at : at + len(tail)] = len(ends)
                places[row, at : at + len(tail)] = lengths[row] + torch.arange(len(tail))
                told = len(query) + len(self._answered)
                ends.append(at + told - 1)
                rows.append(row)
                answers.append(tail[told:])
                at += len(tail)
        return Packed(
            ids,
            lengths,
            lengths - len(self._asked),
            _padded([of for _, of in prefixes], -1),
            torch.tensor([self.identifiers(drawn) for drawn in lists]),
            asked,
            query_of,
            places,
            torch.tensor(ends),
            torch.tensor(rows),
            torch.tensor([target for drawn in lists for target in drawn.targets]),
            len(self._answered),
            _padded(answers, -1),
        )

    def identifiers(self, drawn: TrainingList) -> list[int]:
        """The tokens of a list's identifiers, document by document."""
        names = self.numbers if drawn.numbered else self.letters
        return [names[place] for place in drawn.identifiers]

    def _prefix(self, drawn: TrainingList) -> tuple[list[int], list[int]]:
        """The tokens before the queries, and the place of the document that each belongs to; an identifier belongs to its document."""
        ids = list(self._start) if drawn.published else []
        of = [-1] * len(ids)
        for place, (name, document) in enumerate(zip(self.identifiers(drawn), drawn.documents, strict=True)):
            piece = [self._open, name, self._close, *document]
            ids += piece
            of += [place] * len(piece)
        question = [*(self._published if drawn.published else []), *self._asked]
        return ids + question, of + [-1] * len(question)

    def _answer(self, drawn: TrainingList, order: Sequence[int]) -> list[int]:
        """What follows the opening bracket of `[C] > [A] > ...`, with the token that ends it."""
        names = self.identifiers(drawn)
        ids: list[int] = []
        for place in order:
            ids += [self._next, self._open] if ids else []
            ids += [names[place], self._close]
        return [*ids, self._end]


def _padded(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    """int64 (rows, longest)."""
    most = max((len(row) for row in rows), default=0)
    return torch.tensor([[*row, *[value] * (most - len(row))] for row in rows], dtype=torch.long).reshape(len(rows), most)
