"""Needles in haystacks: a sentence hidden in a long text, and whether an answer repeats it."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from irloom.text.stemming import stemmer

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Needle:
    """A sentence to hide.

    Attributes:
        sentence: what is put into the text.
        question: what it answers.
        answer: the part of it that an answer copies.
    """

    sentence: str
    question: str
    answer: str


NEEDLES: Final = (
    Needle(
        " The best thing to do in Lisbon is to ride the old yellow tram up the hill at sunrise and drink coffee by the river.",
        "What is the best thing to do in Lisbon?",
        "ride the old yellow tram up the hill at sunrise and drink coffee by the river",
    ),
    Needle(
        " Doctor Marlow keeps the spare key to the north greenhouse under the third blue flower pot beside the rusty pump.",
        "Where does Doctor Marlow keep the spare key to the north greenhouse?",
        "under the third blue flower pot beside the rusty pump",
    ),
    Needle(
        " Rosa won the village baking prize with a dark rye loaf that was filled with walnuts, dried figs and orange peel.",
        "What did Rosa win the village baking prize with?",
        "a dark rye loaf that was filled with walnuts, dried figs and orange peel",
    ),
)


def hide(sentence: str, text: str, depth: float) -> str:
    """The text with a sentence behind the nearest full stop before a point; at the very beginning where there is none.

    Args:
        sentence: what is put in.
        text: the haystack.
        depth: how far into the text the point lies, 0 to 1; 1 puts it at the end.

    >>> hide(" Here.", "One. Two. Three.", 0.6)
    'One. Two. Here. Three.'
    """
    if depth >= 1:
        return text + sentence
    stop = text.rfind(".", 0, int(len(text) * depth)) + 1
    return text[:stop] + sentence + text[stop:]


def word_recall(answer: str, response: str) -> float:
    """How much of the answer's words, as stems, the response has: ROUGE-1 recall, 0 to 1.

    >>> word_recall("riding trams uphill", "They ride the tram.")
    0.6666666666666666
    """
    wanted, found = _stems(answer), _stems(response)
    return sum((wanted & found).values()) / max(1, sum(wanted.values()))


def _stems(text: str) -> Counter[str]:
    stem = stemmer("porter")
    return Counter(stem(word) if len(word) > 3 else word for word in _WORD.findall(text.lower()))
