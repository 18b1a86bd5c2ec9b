"""Retrieval heads: heads that look at the very token that the model copies out of a long text."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError
from irloom.core.files import Progress, no_progress
from irloom.models.decoders.decoder import Decoder
from irloom.models.decoders.messages import Message
from irloom.rerankers.attention.needles import NEEDLES, Needle, hide, word_recall
from irloom.rerankers.attention.prompt import Ids, following_ids, opening_ids

LEAST: Final = 0.1
"""The score from which on the authors call a head a retrieval head."""

RECALLED: Final = 0.5
"""A trial counts where the answer has more than this part of the needle's words."""

BUFFER: Final = 200
"""Tokens of the context that are left for question and answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """What needles in haystacks gave.

    Attributes:
        scores: float32 (layers, heads), the mean over the trials that counted.
        trials: how many there were.
        answered: how many of them counted.
    """

    scores: NDArray[np.float32]
    trials: int
    answered: int


def find_retrieval_heads(
    decoder: Decoder,
    haystack: str,
    *,
    needles: Sequence[Needle] = NEEDLES,
    lengths: Sequence[int] = (),
    depths: Sequence[float] = (),
    new_tokens: int = 50,
    stop_tokens: Collection[int] = (),
    progress: Progress = no_progress,
) -> Found:
    """Hides needles in a long text, lets the model answer, and credits the heads that look at what it copies.

    Args:
        decoder: the model.
        haystack: the text; repeated where it is too short.
        needles: what is hidden.
        lengths: tokens of a prompt; `default_lengths` where none is given.
        depths: how far into the text the needle lies, 0 to 1; ten steps where none is given.
        new_tokens: tokens of an answer at most.
        stop_tokens: tokens that end an answer, beside those that break a line.
        progress: called as it goes.

    Raises:
        BadValue: the haystack is empty.
        DataError: no answer had the needle's words, so that no trial counts.
        ModelError: a prompt is longer than the context, or the model cannot be used.

    Paper:
        W. Wu, Y. Wang, G. Xiao, H. Peng and Y. Fu, Retrieval Head Mechanistically Explains Long-Context Factuality, ICLR 2025,
        arXiv 2404.15574, section 2, and its code: a token that is copied twice is credited twice.
    """
    if not haystack.strip():
        raise BadValue("haystack", haystack, "a text to hide needles in")
    lengths = list(lengths) or default_lengths(decoder.shape.context)
    depths = list(depths) or np.linspace(0, 1, 10).round(2).tolist()
    plan = [(needle, length, depth) for needle in needles for length in lengths for depth in depths]
    counted: list[NDArray[np.float64]] = []
    for done, (needle, length, depth) in enumerate(plan):
        progress("trials", done, len(plan))
        ids = needle_prompt(decoder, needle, haystack, length=length, depth=depth)
        span = token_span(ids, following_ids(decoder, " " + needle.answer, after="a"))
        credit, answer = _trial(decoder, ids, span, new_tokens=new_tokens, stop_tokens=stop_tokens)
        if word_recall(needle.answer, answer) > RECALLED:
            counted.append(credit)
    if not counted:
        raise DataError(
            f"in none of {len(plan)} trials did {decoder.model} answer with the words that were hidden; it copies too little for its "
            "retrieval heads to be found; find heads by qrhead, or in a larger model"
        )
    return Found(np.mean(counted, axis=0).astype(np.float32), len(plan), len(counted))


def default_lengths(context: int, *, count: int = 20) -> list[int]:
    """Lengths from 1,000 to 50,000 tokens, as far as the context goes.

    >>> default_lengths(1000, count=3)
    [500, 750, 1000]
    """
    longest = min(50_000, context)
    return [int(length) for length in np.linspace(min(1000, longest // 2), longest, count).round()]


def needle_prompt(decoder: Decoder, needle: Needle, haystack: str, *, length: int, depth: float) -> Ids:
    """Token ids of a prompt with a hidden sentence, at most `length` of them as long as the buffer is wide enough for the question.

    Raises:
        BadValue: the length leaves no room for the needle.
    """
    room = length - min(BUFFER, length // 2) - len(decoder.encode(needle.sentence))
    if room < 1:
        raise BadValue("lengths", length, "enough tokens for the needle and its question")
    text = haystack
    while len(straw := decoder.encode(text)) < room:
        text += "\n" + haystack
    book = hide(needle.sentence, decoder.decode(straw[:room]), depth)
    question = f"Based on the content of the book, Question: {needle.question}\nAnswer:"
    if decoder.has_chat:
        return decoder.encode_chat([Message("user", f"<book>{book}</book>\n{question}")])
    return opening_ids(decoder, book + question)


def token_span(ids: Ids, part: Ids) -> tuple[int, int]:
    """Where tokens stand in a prompt: the first stretch of their number that holds more than nine tenths of the different ones.

    Args:
        ids: int64 (n,).
        part: int64 (m,).

    Returns:
        Where it begins and ends; (-1, -1) where there is none.

    >>> token_span(np.array([9, 1, 2, 3, 9]), np.array([1, 2, 3]))
    (1, 4)
    """
    wanted, m = set(part.tolist()), len(part)
    row = ids.tolist()
    for start in range(len(row) - m + 1 if m else 0):
        if len(wanted & set(row[start : start + m])) > 0.9 * len(wanted):
            return start, start + m
    return -1, -1


def copy_credits(attention: NDArray[np.float32], ids: Ids, token: int, span: tuple[int, int]) -> NDArray[np.float64]:
    """What one step of an answer is worth to each head: 1 / needle length where it looks most at the needle's token that is written.

    Args:
        attention: float32 (layers, heads, T), of the last position.
        ids: int64 (n,), the prompt.
        token: the token that is written.
        span: where the needle stands in the prompt.

    Returns:
        float64 (layers, heads).

    >>> copy_credits(np.array([[[0.1, 0.9]], [[0.8, 0.2]]], np.float32), np.array([5, 7]), 7, (0, 2)).tolist()
    [[0.5], [0.0]]
    """
    start, end = span
    if start < 0:
        return np.zeros(attention.shape[:2])
    most = attention.argmax(axis=-1)
    inside = (most >= start) & (most < end)
    copied = ids[np.where(inside, most, start)] == token
    return np.where(inside & copied, 1 / (end - start), 0.0)


def _trial(
    decoder: Decoder, ids: Ids, span: tuple[int, int], *, new_tokens: int, stop_tokens: Collection[int]
) -> tuple[NDArray[np.float64], str]:
    """Credits by head, and the answer. The step that writes the stop token is credited too."""
    shape = decoder.shape
    credit = np.zeros((shape.layers, shape.heads))
    prefix, last, answer = decoder.prefill(ids[:-1]), ids[-1:], []
    for _ in range(min(new_tokens, shape.context - len(ids))):
        attention = decoder.attention(prefix, last, per_head=True)
        token = int(decoder.next_logits([last], prefix=prefix)[0].argmax())
        answer.append(token)
        credit += copy_credits(attention, ids, token, span)
        written = np.array([token], np.int64)
        if token in stop_tokens or "\n" in decoder.decode(written):
            break
        prefix, last = prefix.extended(last), written
    return credit, decoder.decode(np.array(answer, np.int64)).strip()


def sequence_of(texts: Iterable[str], *, characters: int) -> str:
    """Texts one after the other up to a length, for a haystack."""
    parts: list[str] = []
    total = 0
    for text in texts:
        parts.append(text)
        total += len(text) + 1
        if total >= characters:
            break
    return "\n".join(parts)
