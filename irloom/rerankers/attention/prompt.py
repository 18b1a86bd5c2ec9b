"""A prompt as token ids: piece by piece, so that a document's tokens are known and nothing in its text can look like the prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from irloom.models.decoders.decoder import Decoder
from irloom.rerankers.attention.layouts import Layout

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Piece:
    """A document in a prompt with the separator behind it.

    Attributes:
        ids: int64 (m,).
        start: where the tokens that count begin.
        end: where the document ends; a token that reaches into the separator still belongs to it.
    """

    ids: Ids
    start: int
    end: int

    def cut(self, most: int) -> "Piece":
        """At most that many tokens, the document's last ones left out and the separator kept; what counts holds on to one at least."""
        tail = self.ids[self.end :]
        end = max(self.start, min(self.end, most - len(tail)))
        return Piece(np.concatenate([self.ids[:end], tail]), self.start, end)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Documents in a prompt, up to the last separator.

    Attributes:
        ids: int64 (p,).
        spans: int64 (n, 2), where the tokens that count for each document begin and end.
        last: int64 (n,), the last token before the next document: the separator's, where it has tokens of its own.
    """

    ids: Ids
    spans: NDArray[np.int64]
    last: NDArray[np.int64]


class PromptWriter:
    """Writes prompts of one layout for one model.

    Each piece is encoded as what follows a line break, so that a tokenizer that marks the beginning of a text does not mark it in
    the middle. Where token borders fall on the borders of pieces, as they do for the published layouts, the ids are those of the
    whole text.

    Args:
        decoder: the model, for its tokenizer.
        layout: the prompt.

    Differs:
        the published codes find spans in the encoded whole and stop with an error where lengths do not add up; here pieces are
        put together, and special tokens that occur in a document's text are plain text.
    """

    def __init__(self, decoder: Decoder, layout: Layout) -> None:
        self.decoder, self.layout = decoder, layout
        self._separator = following_ids(decoder, layout.separator, after="a")
        self._end = decoder.encode(layout.end)
        self._end_apart = not np.array_equal(self._end[:1], decoder.encode(layout.end, plain=True)[:1])
        self.start = opening_ids(decoder, layout.start + layout.separator)

    def piece(self, number: int, text: str) -> Piece:
        """A document under its number, counted from 1."""
        named = self.layout.named(number, text)
        ids = self._following(named + self.layout.separator, plain=True)
        m = len(self._separator)
        if m == 0 or np.array_equal(ids[-m:], self._separator):
            end = len(ids) - m
        else:
            end = min(len(ids), len(self._following(named, plain=True)))
        if self.layout.identifier_counts:
            return Piece(ids, 0, end)
        return Piece(ids, min(end, len(self._following(self.layout.named(number, ""), plain=True))), end)

    def prompt(self, pieces: Sequence[Piece]) -> Prompt:
        """The documents in that order behind the start."""
        ends = list(accumulate((len(piece.ids) for piece in pieces), initial=len(self.start)))
        spans = [(begin + piece.start, begin + piece.end + self.layout.past) for begin, piece in zip(ends, pieces, strict=False)]
        ids = np.concatenate([self.start, *(piece.ids for piece in pieces)]).astype(np.int64)
        return Prompt(ids, np.array(spans, np.int64).reshape(-1, 2), np.array(ends[1:], np.int64) - 1)

    def asked(self, query: str) -> Ids:
        """The query behind the last separator, int64 (m,); tokens behind the last that counts are left out, no earlier one sees them."""
        layout = self.layout
        alone = self._following(layout.asked(query), plain=True)
        whole = np.concatenate([alone, self._end]) if self._end_apart else self._following(layout.asked(query) + layout.end)
        return whole if layout.end_rows is None else whole[: len(alone) + layout.end_rows]

    def _following(self, text: str, *, plain: bool = False) -> Ids:
        return following_ids(self.decoder, text, plain=plain)


def following_ids(decoder: Decoder, text: str, *, after: str = "\n", plain: bool = False) -> Ids:
    """Token ids of a text that follows another, int64 (m,); `plain` for one whose special tokens are plain text."""
    before, both = decoder.encode(after), decoder.encode(after + text, plain=plain)
    if np.array_equal(both[: len(before)], before):
        return both[len(before) :]
    return decoder.encode(text, plain=plain)


def opening_ids(decoder: Decoder, text: str) -> Ids:
    """Token ids of the beginning of a prompt, int64 (m,), behind the special tokens that the model expects there, but not twice."""
    ids, marked = decoder.encode(text), decoder.encode(text, special=True)
    for first in range(len(marked) - len(ids) + 1):
        if np.array_equal(marked[first : first + len(ids)], ids):
            twice = first > 0 and len(ids) > 0 and marked[first - 1] == ids[0]
            return ids if twice else marked[: first + len(ids)]
    return marked
