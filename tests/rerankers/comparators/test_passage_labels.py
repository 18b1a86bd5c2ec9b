"""What counts as naming a passage."""

import pytest

from irloom.rerankers.comparators.passage_labels import LETTERS, read_letter


@pytest.mark.parametrize(
    ("written", "kind", "strict", "letter"),
    [
        (" A", "seq2seq", True, "A"),
        (" A.", "seq2seq", True, ""),
        ("A", "seq2seq", True, ""),
        (" A and", "seq2seq", True, ""),
        (" a", "seq2seq", True, ""),
        (" C", "seq2seq", False, "C"),
        (" : B", "seq2seq", False, "B"),
        (" B.", "seq2seq", False, ""),
        ("", "seq2seq", False, ""),
        (" a", "decoder", True, "A"),
        ("AB", "decoder", True, ""),
        ("X", "decoder", False, ""),
        ("Passage B.", "endpoint", True, "B"),
        ("I think that Passage C is better than Passage A", "endpoint", True, "C"),
        ("b", "endpoint", True, "B"),
        ("Passages", "endpoint", True, ""),
        ("\u2460", "endpoint", True, ""),
    ],
)
def test_reading(written: str, kind: str, strict: bool, letter: str) -> None:
    assert read_letter(written, kind, strict=strict) == letter  # type: ignore[arg-type]


def test_letters_are_those_that_are_one_token_of_t5() -> None:
    assert LETTERS == "ABCDEFGHIJKLMNOPQRSTUVW"
