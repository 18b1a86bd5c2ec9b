"""Texts to grades."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.eval.grade_text import ReadGrade, read_grade


@pytest.mark.parametrize(
    ("text", "grade", "how"),
    [
        # the sheet's
        ("##final score: 2", 2, "strict"),
        ("##Final Score: 3.", 3, "strict"),
        ("M: 2, T: 3, ##final score: 1", 1, "strict"),
        ("", 0, "invalid"),
        ("score: 7", 0, "invalid"),
        ("The passage refers to 2 topics. ##final score: 3", 3, "strict"),  # the released reader says 2: it finds "to 2"
        ("##final score: 10", 0, "invalid"),  # the released reader says 1
        # what was asked for, in other dress
        ("## final score:1", 1, "strict"),
        ("**##final score: 2**", 2, "strict"),
        ("##final score: **2**", 2, "strict"),
        ("##final score: [0]", 0, "strict"),
        ("##final score: 1\n...\n##final score: 3", 3, "strict"),
        ("Provide ##final score: score. ##final score: 2", 2, "strict"),
        ("##final score: 3/3", 3, "strict"),
        ("##final score: 2.5", 0, "invalid"),
        ("##final score: -1", 0, "invalid"),
        ("##final score: 9 and score: 2", 0, "invalid"),
        ("##final score: " + "9" * 5000, 0, "invalid"),
        # other ways of saying it
        ("Final score: 2", 2, "fallback"),
        ("the final score is 1", 1, "fallback"),
        ('{"M": 3, "T": 2, "O": 1}', 1, "fallback"),
        ("M: 3\nT: 2\nO: 2", 2, "fallback"),
        ("Score: 3", 3, "fallback"),
        ("I would give it a score of 2", 2, "fallback"),
        ("it falls into the category 1", 1, "fallback"),
        ("Relevance category: 2", 2, "fallback"),
        ("2", 2, "fallback"),
        (" **1** \n", 1, "fallback"),
        ("The passage answers.\n3.", 3, "fallback"),
        ("<think>score: 1, or final score: 2?</think>\n\n0", 0, "fallback"),
        # nothing
        ("There are 2 topics and 3 answers", 0, "invalid"),
        ("so 1 might say", 0, "invalid"),
        ("score: 2.5", 0, "invalid"),
        ("10", 0, "invalid"),
        ("two", 0, "invalid"),
        ("<think>##final score: 3", 3, "strict"),  # the tokens ended within the thoughts, after a verdict
        ("score", 0, "invalid"),
        ("\x00\ud800", 0, "invalid"),
    ],
)
def test_texts(text: str, grade: int, how: str) -> None:
    assert read_grade(text) == ReadGrade(grade, how)  # type: ignore[arg-type]


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found = read_grade(text)
    assert 0 <= found.grade <= 3
    assert found.how != "invalid" or found.grade == 0


@given(st.text(), st.integers(0, 3))
def test_what_was_asked_for_wins_over_all_before_it(text: str, grade: int) -> None:
    assert read_grade(f"{text}\n##final score: {grade}") == ReadGrade(grade, "strict")


def test_a_long_text_is_read_in_no_time() -> None:
    for text in ("score " * 5_000, "#" * 10_000, "O" * 10_000, "category " + " " * 10_000 + "x", "*" * 10_000 + "final score"):
        read_grade(text)
