"""Prompts that fit: where the documents are too long, all of them are cut to fewer words, step by step; the query never is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fitted(Generic[T]):
    """A prompt that fits.

    Attributes:
        prompt: what was rendered.
        tokens: its length.
        words: words that each document was cut to.
    """

    prompt: T
    tokens: int
    words: int


def fitted(render: Callable[[int], T], count: Callable[[T], int], *, documents: int, words: int, room: int) -> Fitted[T] | None:
    """The prompt with the most words a document that has at most `room` tokens; None where one word a document is too much.

    The number of words is lowered by a quarter of the tokens in excess, shared among the documents; by 1 at least, and never to less
    than half, which words of more than two tokens would ask for.

    Args:
        render: words of a document to a prompt.
        count: a prompt to its tokens.
        documents: documents in the prompt, 1 or more.
        words: words to begin with.
        room: tokens that fit.

    Paper:
        R. Pradeep et al., RankZephyr, arXiv 2312.02724, 2023; the step is the toolkit's.

    >>> fitted(lambda words: "x" * words, len, documents=2, words=10, room=8)
    Fitted(prompt='xxxxxxxx', tokens=8, words=8)
    """
    while words >= 1:
        prompt = render(words)
        length = count(prompt)
        if length <= room:
            return Fitted(prompt, length, words)
        words -= min(max(1, (length - room) // (4 * documents)), (words + 1) // 2)
    return None
