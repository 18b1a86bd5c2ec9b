"""The reading of a judge's answer against umbrela's own reader, where both must agree and where ours is stricter."""

import contextlib
import io

import pytest

from irloom.eval.grade_text import read_grade

pytestmark = pytest.mark.parity

# What `umbrela.utils.common_utils.parse_fewshot_response` of castorini/umbrela e2c4e41 gave for each text: label and whether it was valid.
ALIKE = {
    "##final score: 2": (2, 1),
    "##Final Score: 3.": (3, 1),
    "M: 2, T: 3, ##final score: 1": (1, 1),
    "": (0, 0),
    "score: 7": (0, 0),
    "two": (0, 0),
    "Final score: 2": (2, 1),
    "the final score is 1": (1, 1),
    '{"M": 3, "T": 2, "O": 1}': (1, 1),
    "M: 3\nT: 2\nO: 2": (2, 1),
    "Score: 3": (3, 1),
    "I would give it a score of 2": (2, 1),
    "it falls into the category 1": (1, 1),
    "Relevance category: 2": (2, 1),
    "2": (2, 1),
    " **1** \n": (1, 1),
    "The passage answers.\n3.": (3, 1),
    "**##final score: 2**": (2, 1),
    "##final score: [0]": (0, 1),
    "##final score: 3/3": (3, 1),
}
# There its bare "o" and a digit, or any digit at last, give a label that the text does not: ours follows the text, or takes it as invalid.
STRICTER = {
    "The passage refers to 2 topics. ##final score: 3": ((2, 1), (3, True)),
    "##final score: 10": ((1, 1), (0, False)),
    "##final score: 2.5": ((2, 1), (0, False)),
    "##final score: -1": ((1, 1), (0, False)),
    "There are 2 topics and 3 answers": ((3, 1), (0, False)),
    "so 1 might say": ((1, 1), (0, False)),
    "10": ((0, 1), (0, False)),
    "I rate it 2 out of 3": ((3, 1), (0, False)),
}


def ours(text: str) -> tuple[int, bool]:
    found = read_grade(text)
    return found.grade, found.how != "invalid"


@pytest.mark.parametrize("text", ALIKE)
def test_alike(text: str) -> None:
    label, valid = ALIKE[text]
    assert ours(text) == (label, bool(valid))


@pytest.mark.parametrize("text", STRICTER)
def test_stricter(text: str) -> None:
    theirs, expected = STRICTER[text]
    assert ours(text) == expected
    assert (theirs[0], bool(theirs[1])) != expected


def test_the_figures_are_those_of_the_package() -> None:
    utils = pytest.importorskip("umbrela.utils.common_utils", reason="umbrela is not installed; the recorded figures were checked")
    recorded = ALIKE | {text: theirs for text, (theirs, _) in STRICTER.items()}
    with contextlib.redirect_stdout(io.StringIO()):
        assert {text: utils.parse_fewshot_response(text, "a passage", "a query") for text in recorded} == recorded
