from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.core.types import Document
from irloom.text.chunking import Chunker, sentence_spans, word_spans

TEXT = 'First one. "Second one?" Third\n\nFourth 3.5 e.g.x! 第五。第六'


def texts_of(chunker: Chunker, text: str) -> list[str]:
    return [text[start:end] for start, end in chunker.spans(text)]


def test_words_overlap() -> None:
    assert texts_of(Chunker(3), "a b  c d e") == ["a b  c", "d e"]
    assert texts_of(Chunker(3, 1), "a b  c d e") == ["a b  c", "c d e"]
    assert texts_of(Chunker(2, 1), " a b c ") == [" a b", "b c "]
    assert texts_of(Chunker(9), " a b c ") == [" a b c "]
    assert texts_of(Chunker(9), "") == [""]
    assert texts_of(Chunker(9), "  ") == ["  "]


def test_sentences() -> None:
    assert [TEXT[start:end] for start, end in sentence_spans(TEXT)] == [
        "First one.",
        '"Second one?"',
        "Third",
        "Fourth 3.5 e.g.x!",
        "第五。",
        "第六",
    ]
    assert texts_of(Chunker(2, 1, unit="sentences"), "A b. C d. E.") == ["A b. C d.", "C d. E."]
    assert sentence_spans("!" * 100_000 + "x" + " " * 100_000 + "\n" * 100_000)


def test_any_function_to_spans_is_a_unit() -> None:
    chunker = Chunker(2, unit=lambda text: [(place, place + 1) for place in range(len(text))])
    assert texts_of(chunker, "abcde") == ["ab", "cd", "e"]


def test_chunks_name_their_parent_and_keep_what_it_knows() -> None:
    document = Document("d", "one two three", title="T", images=(Path("a.png"),), meta={"lang": "en"})
    first, second = Chunker(2).chunks([document])
    assert first == Document("d#0", "one two", "T", (Path("a.png"),), "d", (0, 7), {"lang": "en"})
    assert second == Document("d#1", "three", "T", (), "d", (8, 13), {"lang": "en"})


def test_it_streams() -> None:
    def endless() -> Iterator[Document]:
        number = 0
        while True:
            yield Document(str(number), "a b c")
            number += 1

    chunks = Chunker(2).chunks(endless())
    assert [next(chunks).id for _ in range(4)] == ["0#0", "0#1", "1#0", "1#1"]


@given(st.text("ab .?\n。", max_size=40), st.integers(1, 5), st.integers(0, 4), st.sampled_from(["words", "sentences"]))
def test_chunks_cover_the_text(text: str, size: int, overlap: int, unit: str) -> None:
    overlap = min(overlap, size - 1)
    count = {"words": word_spans, "sentences": sentence_spans}[unit]
    chunker = Chunker(size, overlap, unit=unit)  # type: ignore[arg-type]
    chunks = list(chunker.chunks([Document("d", text)]))
    assert [chunk.id for chunk in chunks] == [f"d#{number}" for number in range(len(chunks))]
    units, spans = count(text), [chunk.span for chunk in chunks if chunk.span]
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(chunk.text == text[start:end] for chunk, (start, end) in zip(chunks, spans, strict=True))
    inside = [[unit for unit in units if start <= unit[0] and unit[1] <= end] for start, end in spans]
    assert sorted({unit for group in inside for unit in group}) == units
    assert all(len(group) == size for group in inside[:-1])
    assert all(before[-overlap:] == after[:overlap] for before, after in pairwise(inside) if overlap)
    assert len(inside[-1]) > overlap or len(inside) == 1


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (3, 3), (3, -1), (-2, 0)])
def test_numbers_out_of_range_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(BadValue, match=r"size|overlap"):
        Chunker(size, overlap)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(BadValue, match="sentences"):
        Chunker(3, unit="lines")  # type: ignore[arg-type]
