"""The metadata of a segment by field: what filters and facets read, typed and memory-mapped.

A field's values of one kind are a run: which document has which value, in the order of the documents. Texts are numbers into a
sorted table of words. All runs lie in the same few files, one after another; columns.json says whose they are, and is the only
file where there is none.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import map_array, map_bytes

Kind: TypeAlias = Literal["bool", "float", "int", "text"]
Key: TypeAlias = tuple[str, Kind]
"""A field and the kind of its values."""

NAME, DOCUMENTS, NUMBERS, CODES = "columns.json", "columns_documents.npy", "columns_numbers.npy", "columns_codes.npy"
WORDS, WORD_OFFSETS = "columns_text.bytes", "columns_text_offsets.npy"
NUMBER_TYPES: Final[Mapping[str, type[np.generic]]] = {"int": np.int64, "float": np.float64}
"""The kinds that lie in NUMBERS, 8 bytes each; the others lie in CODES: 0 and 1, or the numbers of words."""

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Words:
    """Distinct texts as UTF-8, sorted by their bytes, which is the order of their code points.

    Attributes:
        data: uint8 (bytes,).
        offsets: int64 (words + 1,), where each begins in it.
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return self.data[self.offsets[number] : self.offsets[number + 1]].tobytes()

    def below(self, word: bytes) -> int:
        """How many words come before this one."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self[middle] < word:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, word: bytes) -> int:
        """The number of the word; -1 where it is not there."""
        place = self.below(word)
        return place if place < len(self) and self[place] == word else -1

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self), _BLOCK):
            ends = self.offsets[start : start + _BLOCK + 1].tolist()
            block = self.data[ends[0] : ends[-1]].tobytes()
            for low, high in pairwise(ends):
                yield block[low - ends[0] : high - ends[0]]


NO_WORDS = Words(np.empty(0, np.uint8), np.zeros(1, np.int64))


@dataclass(frozen=True, slots=True)
class ValueRun:
    """What a field has of one kind.

    Attributes:
        kind: of the values.
        documents: int32 (entries,), whose value each is, rising; a document of several values is there several times. None where each
            document of the segment has one value.
        values: (entries,) int64 or float64; int32 numbers of words, or 0 and 1, for texts, and true and false.
        words: of texts.
    """

    kind: Kind
    documents: NDArray[np.int32] | None
    values: NDArray[Any]
    words: Words = NO_WORDS

    def owners(self) -> NDArray[np.int32]:
        """`documents`, written out."""
        return np.arange(len(self.values), dtype=np.int32) if self.documents is None else self.documents


@dataclass(frozen=True, slots=True)
class Columns:
    """The runs of a segment, in the order of their keys.

    Attributes:
        documents: how many the segment has.
        runs: by field and kind. A metadata field has the name that filters give it; the only field of the document's own here is "parent".
    """

    documents: int
    runs: Mapping[Key, ValueRun]

    def kinds(self) -> dict[str, set[Kind]]:
        """The kinds of values that each field has."""
        found: dict[str, set[Kind]] = defaultdict(set)
        for field, kind in self.runs:
            found[field].add(kind)
        return dict(found)

    def of(self, field: str) -> list[ValueRun]:
        """The runs of a field, one a kind."""
        return [run for (name, _), run in self.runs.items() if name == field]


def has_columns(folder: Path) -> bool:
    """Whether a segment keeps its metadata by field; one of format version 1 does not."""
    return (folder / NAME).exists()


def open_columns(folder: Path, *, documents: int) -> Columns:
    """The columns of a segment of that many documents.

    Raises:
        Corrupt: a file is missing, or does not fit the others or the segment.
    """
    try:
        head = json.loads((folder / NAME).read_bytes())
        runs = [(str(run["field"]), run["kind"], bool(run["every"]), _count(run["entries"]), _count(run["words"])) for run in head["runs"]]
        if head["documents"] != documents or not {kind for _, kind, *_ in runs} <= {"bool", "float", "int", "text"}:
            raise ValueError(head["documents"])
    except FileNotFoundError:
        raise Corrupt(folder / NAME, "the file is missing") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Corrupt(folder / NAME, f"not the columns of {documents} documents ({error!r})") from None
    return Columns(documents, _cut(folder, runs, documents) if runs else {})


def _cut(folder: Path, runs: list[tuple[str, Any, bool, int, int]], documents: int) -> dict[Key, ValueRun]:
    """The runs, cut out of the files that they share."""
    owners, numbers = map_array(folder / DOCUMENTS, dtype=np.int32), map_array(folder / NUMBERS, dtype=np.int64)
    codes, offsets, data = (
        map_array(folder / CODES, dtype=np.int32),
        map_array(folder / WORD_OFFSETS, dtype=np.int64),
        map_bytes(folder / WORDS),
    )
    found: dict[Key, ValueRun] = {}
    at = {"owners": 0, "numbers": 0, "codes": 0, "words": 0}

    def take(name: str, array: NDArray[Any], count: int) -> NDArray[Any]:
        at[name] += count
        return array[at[name] - count : at[name]]

    for field, kind, every, entries, words in runs:
        if (every and entries != documents) or (kind == "text" and entries and not words):
            raise Corrupt(folder / NAME, f"{entries} values of {field!r} out of {words} words for {documents} documents")
        owner = None if every else take("owners", owners, entries)
        values = take("numbers", numbers, entries).view(NUMBER_TYPES[kind]) if kind in NUMBER_TYPES else take("codes", codes, entries)
        own = NO_WORDS
        if kind == "text":
            own = Words(data, offsets[at["words"] : at["words"] + words + 1])
            at["words"] += words
        found[field, cast(Kind, kind)] = ValueRun(cast(Kind, kind), owner, values, own)
    sizes = {"owners": len(owners), "numbers": len(numbers), "codes": len(codes), "words": len(offsets) - 1}
    if at != sizes or len(found) < len(runs) or any(array.ndim != 1 for array in (owners, numbers, codes, offsets)):
        raise Corrupt(folder / NAME, f"it tells of {at}, the files hold {sizes}")
    if int(offsets[-1]) != len(data) or np.any(owners < 0) or np.any(owners >= documents):
        raise Corrupt(folder / DOCUMENTS, "it names documents or texts that the segment does not have")
    return found


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value
