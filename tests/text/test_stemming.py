"""Stemmers. Porter's algorithm is written out here a second time, from the paper, with the two later rules."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import UnknownName
from irloom.text.stemming import LANGUAGES, stemmer, version

STEP_2 = (
    "ational ate,tional tion,enci ence,anci ance,izer ize,bli ble,alli al,entli ent,eli e,ousli ous,ization ize,ation ate,ator ate,"
    "alism al,iveness ive,fulness ful,ousness ous,aliti al,iviti ive,biliti ble,logi log"
)
STEP_3 = "icate ic,ative ,alize al,iciti ic,ical ic,ful ,ness "
STEP_4 = "al,ance,ence,er,ic,able,ible,ant,ement,ment,ent,ion,ou,ism,ate,iti,ous,ive,ize"


def shape(word: str) -> str:
    """C and V for consonants and vowels."""
    kinds = ""
    for place, letter in enumerate(word):
        vowel = letter in "aeiou" or (letter == "y" and place > 0 and kinds[-1] == "C")
        kinds += "V" if vowel else "C"
    return kinds


def measure(word: str) -> int:
    return shape(word).count("VC")


def ends_short(word: str) -> bool:
    return shape(word)[-3:] == "CVC" and word[-1] not in "wxy"


def replaced(word: str, rules: str) -> str:
    """The longest suffix decides; its rule applies when what is left has a measure above 0."""
    pairs = [rule.partition(" ")[::2] for rule in rules.split(",")]
    for suffix, new in sorted(pairs, key=lambda pair: -len(pair[0])):
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            return stem + new if measure(stem) > 0 else word
    return word


def step_1(word: str) -> str:
    for suffix, new in (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")):
        if word.endswith(suffix):
            word = word[: -len(suffix)] + new
            break
    if word.endswith("eed"):
        word = word[:-1] if measure(word[:-3]) > 0 else word
    else:
        for suffix in ("ed", "ing"):
            stem = word.removesuffix(suffix)
            if stem != word and "V" in shape(stem):
                word = stem
                if word.endswith(("at", "bl", "iz")):
                    word += "e"
                elif len(word) > 1 and word[-1] == word[-2] and shape(word)[-1] == "C":
                    word = word if word[-1] in "lsz" else word[:-1]
                elif measure(word) == 1 and ends_short(word):
                    word += "e"
                break
    return word[:-1] + "i" if word.endswith("y") and "V" in shape(word[:-1]) else word


def porter(word: str) -> str:
    if len(word) < 3:
        return word
    word = replaced(replaced(step_1(word), STEP_2), STEP_3)
    for suffix in sorted(STEP_4.split(","), key=len, reverse=True):
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            if measure(stem) > 1 and (suffix != "ion" or stem.endswith(("s", "t"))):
                word = stem
            break
    if word.endswith("e") and (measure(word[:-1]) > 1 or (measure(word[:-1]) == 1 and not ends_short(word[:-1]))):
        word = word[:-1]
    return word[:-1] if word.endswith("ll") and measure(word[:-1]) > 1 else word


# Examples of the paper's steps, and of the later rules.
PAPER = (
    "caresses caress,ponies poni,ties ti,cats cat,feed feed,agreed agre,plastered plaster,bled bled,motoring motor,"
    "sing sing,conflated conflat,troubled troubl,sized size,hopping hop,tanned tan,falling fall,hissing hiss,"
    "fizzed fizz,failing fail,filing file,happy happi,sky sky,relational relat,conditional condit,rational ration,"
    "vietnamization vietnam,generalizations gener,oscillators oscil,as as,biology biologi,psychology psycholog,"
    "trekking trek,revved rev,analogies analog,possibly possibl,assemblies assembl,apologi apolog,fly fly,logy logi"
)


@pytest.mark.parametrize("pair", PAPER.split(","))
def test_porter_on_known_words(pair: str) -> None:
    word, stem = pair.split()
    assert stemmer("porter")(word) == porter(word) == stem


LETTERS = "a b c e g i l o s t y z ed ing ies ational bl log ogi bli ness iti ate ement ion ful er ss ll kk é 1"
PARTS = st.sampled_from(LETTERS.split())


@given(st.lists(PARTS, max_size=7).map("".join))
@settings(max_examples=600)
def test_porter_equals_the_paper_with_the_later_rules(word: str) -> None:
    assert stemmer("porter")(word) == porter(word)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_stemmer(language: str) -> None:
    stem: Callable[[str], str] = stemmer(language)
    assert stem("internationalisation")
    assert version(language).count(".") == 1


def test_an_unknown_stemmer_is_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'german'"):
        stemmer("germann")
