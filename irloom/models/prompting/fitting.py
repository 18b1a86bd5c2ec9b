"""Prompts that fit the context: documents are cut to some tokens, and where that is too much all of them to fewer; the query never is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from irloom.models.prompting.contract import PromptModel

Shorten: TypeAlias = Callable[[str, int], str]
"""A text and a number of tokens to the text, or to its first tokens."""
_FRAME = 256
"""Tokens that a chat template may add, for the quick look."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A prompt that fits.

    Attributes:
        prompt: the text.
        cut: the places of the documents that were cut to fewer tokens than the method cuts all of them to.
    """

    prompt: str
    cut: tuple[int, ...] = ()


def fit_prompt(
    model: PromptModel,
    render: Callable[[Sequence[str]], str],
    documents: Sequence[str],
    *,
    most: int,
    start: str = "",
    new_tokens: int = 0,
    shorten: Shorten | None = None,
) -> Fitted | None:
    """The prompt with as much of its documents as fits; None where there is no room for one token of each.

    Args:
        model: who reads it.
        render: the documents' texts to a prompt.
        documents: their whole texts.
        most: tokens that the method cuts each document to.
        start: how the answer begins.
        new_tokens: tokens that the answer needs.
        shorten: `model.shorten`, or one that remembers what it shortened, for documents that are in many prompts.
    """
    shorten = shorten or model.shorten
    texts = [shorten(text, most) for text in documents]
    prompt = render(texts)
    if model.context is None or len(prompt.encode("utf-8", "surrogatepass")) + len(start) + new_tokens + _FRAME <= model.context:
        return Fitted(prompt)  # a token is a byte at least
    room = model.context - new_tokens
    lengths = [len(text) for text in documents]
    cap = most
    while (excess := model.length(prompt, start=start) - room) > 0:
        if cap <= 1:
            return None
        cap = max(1, min(cap, max(lengths)) - max(1, excess // len(texts)))
        texts = [shorten(text, cap) for text in documents]
        prompt = render(texts)
    usual = [shorten(text, most) for text in documents]
    return Fitted(prompt, tuple(place for place, text in enumerate(texts) if text != usual[place]))
