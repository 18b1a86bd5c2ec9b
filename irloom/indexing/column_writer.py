"""Writes the metadata of a segment by field, while its documents stream by; the same values give the same bytes."""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import write_array, write_bytes
from irloom.core.filter import field_of
from irloom.core.types import Document
from irloom.indexing.columns import (
    CODES,
    DOCUMENTS,
    NAME,
    NO_WORDS,
    NUMBER_TYPES,
    NUMBERS,
    WORD_OFFSETS,
    WORDS,
    Columns,
    Key,
    Kind,
    ValueRun,
    Words,
    has_columns,
    open_columns,
)
from irloom.indexing.number_order import nearest_float
from irloom.indexing.parts import DocumentSource

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_TYPECODES: Final[Mapping[Kind, str]] = {"bool": "i", "text": "i", "int": "q", "float": "d"}


@dataclass(slots=True)
class _Growing:
    """A run as it comes: texts have provisional numbers."""

    values: "array[Any]"
    documents: "array[int]" = field(default_factory=lambda: array("i"))
    words: dict[str, int] = field(default_factory=dict)

    def run(self, kind: Kind, documents: int) -> ValueRun:
        owners = np.frombuffer(self.documents, np.int32)
        every = len(owners) == documents and bool(np.all(np.diff(owners) > 0))
        values: NDArray[Any] = np.frombuffer(self.values, NUMBER_TYPES.get(kind, np.int32))
        words = NO_WORDS
        if kind == "text":
            ordered = sorted((word.encode("utf-8", "surrogatepass"), number) for word, number in self.words.items())
            number_of = np.empty(len(ordered), np.int32)
            number_of[[number for _, number in ordered]] = np.arange(len(ordered), dtype=np.int32)
            values, words = number_of[values], words_of(word for word, _ in ordered)
        return ValueRun(kind, None if every else owners, values, words)


class ColumnsWriter:
    """Collects the metadata of documents, in the order of their positions. Memory: their values, each text once."""

    def __init__(self) -> None:
        self.documents = 0
        self._runs: dict[Key, _Growing] = {}
        self._fields: dict[str, str] = {}

    def add(self, document: Document) -> None:
        """Takes the next document's metadata and its parent. A list counts for its items; what no filter can compare is left out.

        Whole numbers that 64 bits cannot hold are kept as the nearest float64.
        """
        if document.parent:
            self._add("parent", "text", document.parent)
        for name, value in document.meta.items():
            own = self._fields.get(name) or self._fields.setdefault(name, field_of(name))
            if type(value) is str:
                self._add(own, "text", value)
            else:
                for kind, item in _typed(value):
                    self._add(own, kind, item)
        self.documents += 1

    def _add(self, name: str, kind: Kind, value: Any) -> None:
        run = self._runs.get((name, kind))
        if run is None:
            run = self._runs[name, kind] = _Growing(array(_TYPECODES[kind]))
        if kind == "text":
            value = run.words.setdefault(value, len(run.words))
        run.values.append(value)
        run.documents.append(self.documents)

    def columns(self) -> Columns:
        """What was added."""
        return Columns(self.documents, {key: self._runs[key].run(key[1], self.documents) for key in sorted(self._runs)})

    def write(self, folder: Path) -> None:
        """Writes the columns' files into a segment's folder."""
        write_columns(folder, self.columns())


def columns_of(documents: Iterable[Document]) -> Columns:
    """The columns of documents."""
    writer = ColumnsWriter()
    for document in documents:
        writer.add(document)
    return writer.columns()


def segment_columns(folder: Path, documents: DocumentSource) -> Columns:
    """The columns of a segment and its documents; one of format version 1 keeps none, so that all its documents are read.

    Raises:
        Corrupt: a file does not fit the others or the segment.
    """
    return open_columns(folder, documents=len(documents)) if has_columns(folder) else columns_of(documents)


def write_columns(folder: Path, columns: Columns) -> None:
    """Writes columns into the folder of their segment."""
    runs = columns.runs.items()
    write_head(folder, columns.documents, [(key, run.documents is None, len(run.values), len(run.words)) for key, run in runs])
    if not runs:
        return
    write_array(folder / DOCUMENTS, _joined([run.documents for _, run in runs if run.documents is not None], np.int32))
    write_array(folder / NUMBERS, _joined([run.values.view(np.int64) for (_, kind), run in runs if kind in NUMBER_TYPES], np.int64))
    write_array(folder / CODES, _joined([run.values for (_, kind), run in runs if kind not in NUMBER_TYPES], np.int32))
    write_bytes(folder / WORDS, b"".join(b"".join(run.words) for _, run in runs))
    sizes = _joined([np.diff(run.words.offsets) for _, run in runs], np.int64)
    write_array(folder / WORD_OFFSETS, np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)]))


def write_head(folder: Path, documents: int, runs: Iterable[tuple[Key, bool, int, int]]) -> None:
    """Writes columns.json: for each run whether every document has one value, the number of its values, and of its words."""
    lines = [{"field": key[0], "kind": key[1], "every": every, "entries": entries, "words": words} for key, every, entries, words in runs]
    write_bytes(folder / NAME, json.dumps({"documents": documents, "runs": lines}).encode())


def words_of(ordered: Iterable[bytes]) -> Words:
    """Words that are sorted already."""
    data, offsets = bytearray(), array("q", [0])
    for word in ordered:
        data += word
        offsets.append(len(data))
    return Words(np.frombuffer(bytes(data), np.uint8), np.frombuffer(offsets, np.int64))


def _typed(value: object) -> Iterator[tuple[Kind, object]]:
    """The values that a metadata value stands for, with their kinds; each once."""
    if isinstance(value, tuple | list):
        yield from dict.fromkeys(item for part in value if not isinstance(part, tuple | list) for item in _typed(part))
    elif isinstance(value, bool):
        yield "bool", int(value)
    elif isinstance(value, int):
        yield ("int", value) if _LOWEST <= value <= _HIGHEST else ("float", nearest_float(value))
    elif isinstance(value, float):
        yield "float", value
    elif isinstance(value, str):
        yield "text", value


def _joined(arrays: list[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)
