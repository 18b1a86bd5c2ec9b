"""Needles and answers."""

from irloom.rerankers.attention.needles import NEEDLES, hide, word_recall


def test_hiding() -> None:
    assert hide(" N.", "One. Two. Three.", 0) == " N.One. Two. Three."
    assert hide(" N.", "One. Two. Three.", 0.99) == "One. Two. N. Three."
    assert hide(" N.", "One. Two. Three.", 1) == "One. Two. Three. N."
    assert hide(" N.", "no stop", 0.5) == " N.no stop"
    assert hide(" N.", "", 0.5) == " N."


def test_recall() -> None:
    assert word_recall("the red fox runs", "Foxes and red the RUNNING") == 1.0
    assert word_recall("two cats", "the cat") == 0.5
    assert word_recall("a a b", "a b") == 2 / 3
    assert word_recall("fox", "") == 0.0
    assert word_recall("", "fox") == 0.0
    for needle in NEEDLES:
        assert needle.answer in needle.sentence
        assert word_recall(needle.answer, needle.sentence) == 1.0
        assert word_recall(needle.answer, needle.question) < 0.5
