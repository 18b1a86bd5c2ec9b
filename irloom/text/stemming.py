"""Stemmers by name: Snowball's, in C by PyStemmer, and Porter's as Lucene's PorterStemFilter has it."""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final

from irloom.core.errors import UnknownName

Stem = Callable[[str], str]

_NAMES: Final = (
    "arabic armenian basque catalan danish dutch english esperanto estonian finnish french german greek hindi hungarian indonesian "
    "irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish yiddish"
)
LANGUAGES: Final = tuple(_NAMES.split())
"""Languages that have a Snowball stemmer."""

_LATER_RULE = re.compile(r"(.*)(bl|log)(?:i|ies|is|ied|iing|y|ys|yed|ying)", re.DOTALL)


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
    """Porter's stemmer with his two later rules in step 2, (m>0) bli -> ble and (m>0) logi -> log, and short words left alone.

    Snowball's `porter` is the paper's, without the later rules. A word that they touch is given to it with the suffix already replaced,
    which step 1 and step 2 then leave as it is.

    Paper:
        M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980; the later rules are on the author's page.
    """
    published = _snowball("porter")

    def stem(word: str) -> str:
        if len(word) < 3:
            return word
        later = _LATER_RULE.fullmatch(word)
        if later and _has_measure(later[1]):
            return published(later[1] + ("ble" if later[2] == "bl" else "log"))
        return published(word)

    return stem


def _has_measure(stem: str) -> bool:
    """Porter's m > 0: a vowel is followed by a consonant somewhere. A y is a vowel only after a consonant."""
    vowel_before, consonant_before = False, False
    for letter in stem:
        vowel = letter in "aeiou" or (letter == "y" and consonant_before)
        if vowel_before and not vowel:
            return True
        vowel_before, consonant_before = vowel, not vowel
    return False
