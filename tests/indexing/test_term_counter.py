"""Terms counted from UTF-8 are those of the analyzer, whatever the text and wherever it is cut."""

import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.indexing import term_counter
from irloom.indexing.strings import pack
from irloom.indexing.term_counter import TermCounter
from irloom.text.analyzer import Analyzer

_SPACES = "".join(chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace())
_NEAR = "\x84\x86\x9f\xa1\u1681\u167f\u1fff\u200b\u2027\u202a\u202e\u2030\u205e\u2060\u2fff\u3001\u3040\ud800\udfff\U0001f600"
_LETTERS = st.text(st.one_of(st.sampled_from("abAB1.,':;_-'\0éÉß漢字かなİı" + _SPACES + _NEAR), st.characters()), max_size=30)
_ANALYZERS = [
    Analyzer.english(),
    Analyzer.unicode(),
    Analyzer.code(),
    Analyzer.cjk(),
    Analyzer.snowball("turkish"),
    Analyzer.snowball("french"),
]


def check(analyzer: Analyzer, counter: TermCounter, texts: list[str], pieces: int) -> None:
    done: list[int] = []
    counted = counter.count(*pack(texts), pieces=pieces, seen=done.append)
    documents = [" ".join(texts[start : start + pieces]) for start in range(0, len(texts), pieces)]
    expected = analyzer.token_lists(documents)
    assert counted.lengths.tolist() == [len(tokens) for tokens in expected]
    for row, tokens in enumerate(expected):
        own = slice(counted.offsets[row], counted.offsets[row + 1])
        found = {counted.names[term]: tf for term, tf in zip(counted.terms[own].tolist(), counted.tfs[own].tolist(), strict=True)}
        assert found == Counter(tokens)
        assert list(found) == list(dict.fromkeys(tokens))
    df = Counter(term for tokens in expected for term in set(tokens))
    assert {name: count for name, count in zip(counted.names, counted.df.tolist(), strict=True) if count} == df
    assert done[-1:] == ([len(documents)] if documents else [])


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(_LETTERS, max_size=4), more=st.lists(_LETTERS, max_size=4), analyzer=st.sampled_from(_ANALYZERS))
def test_terms_are_the_analyzers(texts: list[str], more: list[str], analyzer: Analyzer) -> None:
    counter = TermCounter(analyzer)
    check(analyzer, counter, texts, 1)
    check(analyzer, counter, more, 1)


@pytest.mark.parametrize("space", _SPACES)
def test_every_white_space_parts_words(space: str) -> None:
    check(Analyzer.unicode(), TermCounter(Analyzer.unicode()), [f"one{space}two", f"{space}three{space}{space}", space], 1)


def test_neighbours_of_white_space_do_not() -> None:
    texts = [f"one{letter}two" for letter in _NEAR] + list(_NEAR) + [f"a{letter}" for letter in _NEAR]
    for analyzer in _ANALYZERS:
        check(analyzer, TermCounter(analyzer), texts, 1)


def test_pieces_of_a_document_part_words() -> None:
    check(Analyzer.english(), TermCounter(Analyzer.english()), ["a title", "the text", "", "dogs", "end", ""], 2)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_counter, "BLOCK_BYTES", 30)
    monkeypatch.setattr(term_counter, "CHUNKS", 5)
    monkeypatch.setattr(term_counter, "TERMS", 12)
    analyzer = Analyzer.english()
    counter = TermCounter(analyzer)
    for start in range(0, 60, 20):
        check(analyzer, counter, [f"word{number} again other{number % 7}" for number in range(start, start + 20)], 2)


def test_texts_that_lie_among_others() -> None:
    data, offsets = pack(["before", "the dogs", "a cat", "after"])
    counted = TermCounter(Analyzer.english()).count(data, offsets[1:4], pieces=1, seen=lambda done: None)
    assert [counted.names[term] for term in counted.terms.tolist()] == ["dog", "cat"]
    assert counted.lengths.tolist() == [1, 1]
    assert np.array_equal(counted.offsets, [0, 1, 2])
