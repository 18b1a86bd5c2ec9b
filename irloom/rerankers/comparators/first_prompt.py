"""FIRST's prompts: the answer is begun with "[", so that the next token is the identifier of the best passage.

What training and ranking share: `FIRST_PROMPTS[...].messages(query, passages)` with `start` gives the text whose next token is read,
and `identifier_tokens` the ids of the tokens that are compared there.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, ModelError, UnknownName
from irloom.rerankers.comparators.list_prompt import BOTH, LETTERS, ListPrompt
from irloom.rerankers.comparators.list_prompts import LIST_PROMPTS

MOST: Final = 20
"""Identifiers: A to T, as published."""

FIRST_PROMPTS: Final[Mapping[str, ListPrompt]] = {
    "authors": ListPrompt(
        system="You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query",
        before="I will provide you with {n} passages, each indicated by a alphabetical identifier []. "
        "Rank the passages based on their relevance to the search query: {query}.\n\n",
        after="Search Query: {query}.\nRank the {n} passages above based on their relevance to the search query. "
        "All the passages should be included and listed using identifiers, in descending order of relevance. "
        "The output format should be [] > [], e.g., [B] > [A], "
        "Only respond with the ranking results, do not say any word or explain.",
        start="[",
        letters=True,
        titled="{title}. {text}",
        dropped="Title: Content: ",
        brackets=LETTERS,
        guarded=False,
    ),
    "rank_llm": replace(LIST_PROMPTS["rank_zephyr_letters"], start="["),
    "short": ListPrompt(
        before="Query: {query}\n", after="Query: {query}\nBest: ", start="[", letters=True, titled="{title}. {text}", brackets=BOTH
    ),
    "query_last": ListPrompt(after="Query: {query}\nBest: ", start="[", letters=True, titled="{title}. {text}", brackets=BOTH),
}
"""Prompt by name: the authors', the later toolkit's, and two short ones for small models that know no instructions.

`short` has the query before and behind the passages, `query_last` behind them alone, so that what is read of a list serves many queries.
Scores under the four are not comparable. In an experiment name the one that the model was trained with.

Paper:
    R. Reddy et al., FIRST: Faster Improved Listwise Reranking with Single Token Decoding, EMNLP 2024.

Differs:
    Broken encodings and curly quotes are left as they are; the authors mend them with ftfy. Under `rank_llm` letters in square
    brackets lose them in documents and queries; the toolkit looks for digits alone.
"""


def first_prompt(prompt: str | ListPrompt) -> ListPrompt:
    """The prompt of that name, or the given one, fit for FIRST.

    Raises:
        UnknownName: there is no such prompt.
        BadValue: it does not name documents by letters, or begins no answer.
    """
    if isinstance(prompt, str) and prompt not in FIRST_PROMPTS:
        raise UnknownName("prompt of FIRST", prompt, FIRST_PROMPTS)
    found = FIRST_PROMPTS[prompt] if isinstance(prompt, str) else prompt
    if not found.letters:
        raise BadValue("prompt", prompt, "a prompt that names documents by letters; a number from 10 on is several tokens")
    if not found.start:
        raise BadValue("prompt", prompt, "a prompt whose `start` begins the answer, such as '['")
    return found


def best_first(scores: NDArray[np.float32]) -> list[int]:
    """The places of float32 (n,) scores, greatest first; equal ones keep their order."""
    return [int(place) for place in np.argsort(-scores, kind="stable")]


class Tokens(Protocol):
    """What a tokenizer must tell: the one id that a text is when it follows another."""

    def token(self, text: str, *, after: str = "") -> int: ...


def identifier_tokens(tokens: Tokens, *, n: int = MOST, after: str = "[") -> list[int]:
    """The ids of the first n letters, each as it stands after `after`.

    Raises:
        ModelError: a letter is not one token there, or two share one.
    """
    ids = [tokens.token(letter, after=after) for letter in ListPrompt(letters=True).identifiers(n)]
    if len(set(ids)) != n:
        raise ModelError(f"the letters A to {chr(ord('A') + n - 1)} become {len(set(ids))} tokens; FIRST needs a token for each")
    return ids
