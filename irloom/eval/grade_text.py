"""A judge's text to a grade from 0 to 3: the answer that was asked for first, then other ways of saying it, then nothing."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

How: TypeAlias = Literal["strict", "fallback", "invalid"]

HIGHEST: Final = 3
"""The best grade."""

_DRESS = r"[\s*_`\"'\[({]{0,9}"
"""Blanks, marks of Markdown, quotes and brackets; some, so that no text takes long."""

_NUMBER = _DRESS + r"(-?\d+)(?!\d)(?!\.\d)(?!,\d)"
_IS = _DRESS + r"(?:[:=]|\bis\b|\bof\b|\bwould be\b)"
_STRICT = re.compile(r"##\s{0,9}final[ _]score" + _DRESS + ":" + _NUMBER, re.IGNORECASE)
_OTHERS = tuple(
    re.compile(name + _NUMBER, re.IGNORECASE)
    for name in (
        r"\b(?:final|overall|output|relevance|relevancy)[ _-]?(?:score|label|grade|rating)" + _IS,
        r"(?<![\w'])[\"'*]{0,4}\bO[\"'*]{0,4}\s{0,9}[:=]",
        r"\b(?:score|label|grade|rating|relevance|category)" + _IS,
        r"\bcategory\b",
    )
)
_ALONE = re.compile(r"[\s*_`\"'\[({#]*([0-3])[\s*_`\"'\])}.:]*")
_THOUGHT = re.compile(r"^.*</think(?:ing)?>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReadGrade:
    """What a text says.

    Attributes:
        grade: 0 to 3; 0 where the text says none.
        how: "strict" for the answer that UMBRELA asks for, "fallback" for another way of saying it, "invalid" for none.
    """

    grade: int
    how: How


def read_grade(text: str) -> ReadGrade:
    """The grade that a judge's text gives.

    `##final score: n` counts before all else, its last occurrence. Without it a named score ("final score is 2", "O: 2", "Score: 2",
    "category 2") does, the last occurrence of the first of these that occurs; without one, a text or a last line that is a grade and
    nothing else. A score that is named and is no whole number from 0 to 3 makes the text invalid: it is not searched for other digits.
    What a reasoning model wrote before `</think>` is not read.

    Paper: Upadhyay et al., "UMBRELA", arXiv 2406.06519, 2024, section 3.
    Differs: the released reader tries a bare "o" and a digit before "final score", which fires inside of words ("to 2"), and takes any
        digit from 0 to 3 at last, also the first one of "10".

    >>> read_grade("The passage refers to 2 topics. ##final score: 3")
    ReadGrade(grade=3, how='strict')
    >>> read_grade("score: 7")
    ReadGrade(grade=0, how='invalid')
    """
    text = _THOUGHT.sub("", text)
    ways: list[tuple[How, re.Pattern[str]]] = [("strict", _STRICT), *(("fallback", other) for other in _OTHERS)]
    for how, pattern in ways:
        found = pattern.findall(text)
        if found:
            return _graded(found[-1], how)
    lines = [line for line in text.splitlines() if line.strip()]
    alone = _ALONE.fullmatch(lines[-1]) if lines else None
    return _graded(alone[1], "fallback") if alone else ReadGrade(0, "invalid")


def _graded(number: str, how: How) -> ReadGrade:
    grade = int(number) if len(number) < 3 else -1
    return ReadGrade(grade, how) if 0 <= grade <= HIGHEST else ReadGrade(0, "invalid")
