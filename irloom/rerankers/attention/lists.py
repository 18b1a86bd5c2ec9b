"""Scores of one query's documents: in one prompt where they fit, in windows where they do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, NotANumber
from irloom.core.notes import ORDER_GIVEN
from irloom.models.settings import at_least
from irloom.rerankers.attention.prompt import Ids, Piece, PromptWriter
from irloom.rerankers.attention.scoring import NO_QUERY, Signal
from irloom.rerankers.attention.windows import longest_that_fits, most_that_fit, window_order
from irloom.rerankers.head import Scored, order_scores

RARE = 10
"""A list that is too long is cut and not put into windows where at most one in this many documents loses words by it."""


@dataclass(slots=True)
class _Spending:
    calls: int = 0
    prompt_tokens: int = 0


class ListScorer:
    """Scores documents that stand in one prompt with the query.

    Where a prompt is longer than the model's context because of a tenth of the documents at most, these are cut. Else
    windows of as many documents as surely fit are sorted from the end of the list to its beginning, and a document that fills more
    than half of the room is cut to that. The query is never cut: where it leaves no room, the order stays as it was. Each is said in
    the notes.

    Args:
        writer: writes the prompts.
        signal: scores them.
        backwards: whether the first document stands last in the prompt, next to the query.
        window: documents in a window; None for all at once. Scores of windows do not compare, so that places become the scores.
        stride: by how many places windows move; None for half of a window.

    Raises:
        BadValue: `window` is less than 2, or `stride` less than 1 or more than the window.
    """

    def __init__(
        self, writer: PromptWriter, signal: Signal, *, backwards: bool = True, window: int | None = None, stride: int | None = None
    ) -> None:
        check_windows(window, stride)
        self.writer, self.signal, self.backwards, self.window, self.stride = writer, signal, backwards, window, stride
        self._blank = writer.asked(NO_QUERY)

    def __call__(self, query: str, texts: Sequence[str]) -> Scored:
        """Scores and notes for one query.

        Args:
            query: its text.
            texts: of the documents, best first so far; one or more.

        Raises:
            ModelError: the attention is not finite.
        """
        asked, spending = self.writer.asked(query), _Spending()
        pieces = self._pieces(texts, range(len(texts)))
        size, most, notes = self._fitted([len(piece.ids) for piece in pieces], self._room(asked))
        if size == 0:
            return Scored(order_scores(range(len(texts))), {**notes, "calls": 0, "prompt_tokens": 0})
        cut = [piece.cut(most) for piece in pieces]
        notes["cut_documents"] = sum(len(piece.ids) > len(shorter.ids) for piece, shorter in zip(pieces, cut, strict=True))
        if size >= len(texts):
            scores = self._score(cut, asked, spending)
        else:
            order, notes["windows"] = window_order(
                len(texts),
                size=size,
                stride=min(size, self.stride or max(1, size // 2)),
                score=lambda places: self._score([piece.cut(most) for piece in self._pieces(texts, places)], asked, spending),
            )
            scores = order_scores(order)
        return Scored(scores, {**notes, "calls": spending.calls, "prompt_tokens": spending.prompt_tokens})

    def per_head(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (layers, heads, n): each head's scores of documents in one prompt, in the order given; for finding heads.

        Raises:
            ModelError: they do not fit the model's context.
            NotANumber: the attention of a head is NaN.
        """
        pieces = self._pieces(texts, range(len(texts)))
        prompt = self.writer.prompt(pieces[::-1] if self.backwards else pieces)
        scores = self.signal.per_head(prompt, self.writer.asked(query), self._blank)
        bad = np.argwhere(np.isnan(scores))
        if len(bad):
            raise NotANumber(f"the attention of head {bad[0, 0]}-{bad[0, 1]} is NaN; are the model's weights sound?")
        return scores[..., ::-1] if self.backwards else scores

    def fitting(self, query: str, texts: Sequence[str]) -> int:
        """How many of the first documents fit one prompt with the query, in whatever order they stand."""
        lengths = [len(self.writer.piece(len(texts), text).ids) for text in texts]
        return int(np.searchsorted(np.cumsum(lengths), self._room(self.writer.asked(query)), side="right"))

    def _room(self, asked: Ids) -> int:
        """Tokens that are left for documents."""
        return self.writer.decoder.shape.context - len(self.writer.start) - max(len(asked), len(self._blank))

    def _fitted(self, lengths: Sequence[int], room: int) -> tuple[int, int, dict[str, object]]:
        """Documents in a prompt (0 where the query leaves no room), tokens of a document at most, and what is to be said of it."""
        n, context = len(lengths), self.writer.decoder.shape.context
        notes: dict[str, object] = {"windows": 1, "cut_documents": 0, "fallback": ""}
        wanted = min(n, self.window or n)
        # in its window a document may get a longer number than where it was measured
        slack = self._slack(wanted) if wanted < n or sum(lengths) > room else 0
        longest, least = max(lengths) + slack, slack + len(self.writer.piece(1, "").ids)
        if wanted == n:
            if sum(lengths) <= room:
                return n, longest, notes
            most = longest_that_fits(lengths, room)
            if n > 1 and most > least and sum(length > most for length in lengths) <= max(1, n // RARE):
                notes["fallback"] = f"documents cut to {most} tokens: the list does not fit a context of {context} tokens"
                return n, most, notes
        most = min(longest, room // min(2, n))
        if room // min(2, n) <= least:
            notes["fallback"] = f"{ORDER_GIVEN}: the query leaves no room for documents in a context of {context} tokens"
            return 0, 0, notes
        size = min(wanted, most_that_fit([min(most, length + slack) for length in lengths], room))
        if size < wanted:
            notes["fallback"] = f"windows of {size}: {wanted} documents do not fit a context of {context} tokens"
        elif most < longest:
            notes["fallback"] = f"documents cut to {most} tokens: a window does not fit a context of {context} tokens"
        return size, most, notes

    def _slack(self, largest: int) -> int:
        return max(0, len(self.writer.piece(largest, "").ids) - len(self.writer.piece(1, "").ids))

    def _pieces(self, texts: Sequence[str], places: Sequence[int]) -> list[Piece]:
        """The documents at those places, as they are numbered in a prompt, in the order of the places."""
        n = len(places)
        return [self.writer.piece(n - row if self.backwards else row + 1, texts[place]) for row, place in enumerate(places)]

    def _score(self, pieces: Sequence[Piece], asked: Ids, spending: _Spending) -> NDArray[np.float32]:
        """float32 (m,) for pieces, best first so far."""
        prompt = self.writer.prompt(pieces[::-1] if self.backwards else pieces)
        scores = self.signal.scores(prompt, asked, self._blank)
        spending.calls += 1
        spending.prompt_tokens += self.signal.tokens_of(prompt, asked, self._blank)
        return scores[::-1] if self.backwards else scores


def check_windows(window: int | None, stride: int | None) -> None:
    """Refuses windows that cannot move over a list.

    Raises:
        BadValue: `window` is less than 2, or `stride` less than 1 or more than the window.
    """
    at_least("window", window, 2)
    at_least("stride", stride, 1)
    if window is not None and stride is not None and stride > window:
        raise BadValue("stride", stride, f"at most the window, {window}")
