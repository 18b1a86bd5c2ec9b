"""Chunker: documents to overlapping chunks that name their parent and their place in it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from irloom.core.errors import BadValue
from irloom.core.types import Document

Spans: TypeAlias = list[tuple[int, int]]

_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(
    r"(?<![.!?])[.!?]++[\"'\u201d\u2019)\]]*+(?=\s)|[\u3002\uff01\uff1f]+[\u201d\u2019\u300d\u300f\uff09]*|\n[^\S\n]*\n"
)


@dataclass(frozen=True)
class Chunker:
    """Cuts documents into chunks of `size` units, each starting `size - overlap` units after the one before.

    The chunks of document "d" have the ids "d#0", "d#1" and so on, its title and its metadata; the first one has its images. `parent`
    is "d" and `span` the chunk's place in the parent's text, so `text` is `parent.text[span[0] : span[1]]`. The first chunk begins where
    the text begins and the last one ends where it ends; a document without units gives one chunk. Published passage ranking often takes
    150 words with an overlap of 75.

    Args:
        size: units in a chunk, 1 or more.
        overlap: units shared with the chunk before; less than `size`.
        unit: "words" (between white space), "sentences" (up to a full stop, question or exclamation mark, or a blank line), or a function
            from a text to the spans of its units in ascending order, end excluded: a model's tokenizer, for chunks of so many tokens.

    Raises:
        BadValue: a number is out of its range, or the unit is unknown.

    Paper:
        Z. Dai and J. Callan, Deeper Text Understanding for IR with Contextual Neural Language Modeling, SIGIR 2019, section 3.

    >>> for chunk in Chunker(3, 1).chunks([Document("d", "one two three four five")]):
    ...     print(chunk.id, chunk.span, chunk.text)
    d#0 (0, 13) one two three
    d#1 (8, 23) three four five
    """

    size: int
    overlap: int = 0
    unit: Literal["words", "sentences"] | Callable[[str], Spans] = "words"

    def __post_init__(self) -> None:
        if self.size < 1:
            raise BadValue("size", self.size, "1 or more")
        if not 0 <= self.overlap < self.size:
            raise BadValue("overlap", self.overlap, f"0 or more and less than size, {self.size}")
        if not callable(self.unit) and self.unit not in ("words", "sentences"):
            raise BadValue("unit", self.unit, "'words', 'sentences', or a function from text to spans")

    def chunks(self, documents: Iterable[Document]) -> Iterator[Document]:
        """The chunks of each document, one document in memory at a time."""
        for document in documents:
            for number, (start, end) in enumerate(self.spans(document.text)):
                yield replace(
                    document,
                    id=f"{document.id}#{number}",
                    text=document.text[start:end],
                    images=() if number else document.images,
                    parent=document.id,
                    span=(start, end),
                )

    def spans(self, text: str) -> Spans:
        """Where the chunks of a text lie, in characters, end excluded; at least one."""
        units = self.unit(text) if callable(self.unit) else _UNITS[self.unit](text)
        last = max(0, len(units) - self.overlap - 1) // (self.size - self.overlap)
        firsts = [number * (self.size - self.overlap) for number in range(last + 1)]
        return [
            (units[first][0] if first else 0, units[first + self.size - 1][1] if first + self.size < len(units) else len(text))
            for first in firsts
        ]


def word_spans(text: str) -> Spans:
    """The spans of the words between white space."""
    return [match.span() for match in _WORD.finditer(text)]


def sentence_spans(text: str) -> Spans:
    """The spans of the sentences, without the white space between them.

    A sentence ends at full stops, question or exclamation marks before white space, at their full-width forms, at a blank line, or with the
    text. Abbreviations are not known: "e.g. this" has two.
    """
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    spans = []
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        sentence = text[start:end]
        inner = sentence.strip()
        if inner:
            begin = start + len(sentence) - len(sentence.lstrip())
            spans.append((begin, begin + len(inner)))
    return spans


_UNITS: dict[str, Callable[[str], Spans]] = {"words": word_spans, "sentences": sentence_spans}
