"""Stemmers by name: Snowball's, in C by PyStemmer, and Porter's as Lucene's PorterStemFilter has it."""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Final

from irloom.core.errors import UnknownName

Stem = Callable[[str], str]

_NAMES: Final = (
    "arabic armenian basque catalan danish dutch english esperanto estonian finnish french german greek hindi hungarian indonesian "
    "irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish yiddish"
)
LANGUAGES: Final = tuple(_NAMES.split())
"""Languages that have a Snowball stemmer."""

_DOUBLE = re.compile(r"(.*([^aeioubdfglmnprstz])\2)(?:ed|ing)", re.DOTALL)
_LATER_RULE = re.compile(r"(.*)(bl|log)(?:i|ied|iing|y|yed|ying)", re.DOTALL)


@cache
def stemmer(name: str) -> Stem:
    """The stemmer of a Snowball language, or "porter".

    Raises:
        UnknownName: no stemmer has the name.

    >>> stemmer("porter")("relational"), stemmer("german")("häuser")
    ('relat', 'haus')
    """
    if name == "porter":
        return _porter()
    if name not in LANGUAGES:
        raise UnknownName("stemmer", name, ["porter", *LANGUAGES])
    return _snowball(name)


def version(name: str) -> str:
    """What the stems depend on besides the name: Snowball's rules change between its minor versions, Porter's do not."""
    if name in ("", "porter"):
        return "1"
    number: str = import_module("Stemmer").version()
    return ".".join(number.split(".")[:2])


def _snowball(name: str) -> Stem:
    """PyStemmer's function. Its own cache is off: the analyzer's memo stands before it."""
    stem: Stem = import_module("Stemmer").Stemmer(name, 0).stemWord
    return stem


def _porter() -> Stem:
    """Porter's stemmer as Lucene has it: with his two later rules in step 2, (m>0) bli -> ble and (m>0) logi -> log, any double
    consonant but ll, ss and zz made single after -ed and -ing (trekked, trek), and words of two letters left alone.

    Snowball's `porter` lacks the later rules and knows nine double consonants. A word that the difference touches is given to it as the
    step in question should have left it, which its own steps up to there leave as it is.

    Paper:
        M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980; the later rules are on the author's page.
    """
    published = _snowball("porter")

    def singular(word: str) -> str:
        double = _DOUBLE.fullmatch(word) if word.endswith(("ed", "ing")) else None
        if double and _ends_in_consonant_after_vowel(double[1]):
            return singular(double[1][:-1])
        later = _LATER_RULE.fullmatch(word) if "bl" in word or "log" in word else None
        if later and _has_measure(later[1]):
            return published(later[1] + ("ble" if later[2] == "bl" else "log"))
        return published(word)

    def stem(word: str) -> str:
        if len(word) < 3:
            return word
        if word.endswith("s") and not word.endswith("ss"):
            word = word[:-2] if word.endswith(("sses", "ies")) else word[:-1]
        return singular(word)

    return stem


def _vowels(word: str) -> list[bool]:
    """Which letters are vowels in Porter's sense: a, e, i, o, u, and y after a consonant."""
    vowels: list[bool] = []
    for letter in word:
        vowels.append(letter in "aeiou" or (letter == "y" and bool(vowels) and not vowels[-1]))
    return vowels


def _has_measure(word: str) -> bool:
    """Porter's m > 0: somewhere a consonant follows a vowel."""
    return any(vowel and not after for vowel, after in pairwise(_vowels(word)))


def _ends_in_consonant_after_vowel(word: str) -> bool:
    vowels = _vowels(word)
    return any(vowels) and not vowels[-1]
