"""Merges the columns of segments into those of one, run by run: what one writer over their live documents would have written."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.files import SyncedFile, open_for_write, write_array, write_header
from irloom.indexing.column_writer import write_head
from irloom.indexing.columns import CODES, DOCUMENTS, NUMBER_TYPES, NUMBERS, WORD_OFFSETS, WORDS, Columns, Key, ValueRun, Words

_BATCH = 4096


def merge_columns(sources: Sequence[tuple[Columns, Mask | None]], folder: Path) -> None:
    """Writes the columns of the live documents of several segments, in order, into the folder of one.

    Args:
        sources: the segments' columns, each with bool (documents,), which documents are live; None for all.
        folder: of the new segment.
    """
    pieces = [_Piece.of(columns, live) for columns, live in sources]
    total = sum(piece.count for piece in pieces)
    for piece, base in zip(pieces, np.cumsum([0, *(piece.count for piece in pieces)]).tolist(), strict=False):
        piece.base = base
    keys = sorted({key for piece in pieces for key in piece.columns.runs})
    plans = [plan for key in keys if (plan := _Plan.of(key, pieces, total)).entries]
    if not plans:
        write_head(folder, total, [])
        return
    numbers = sum(plan.entries for plan in plans if plan.key[1] in NUMBER_TYPES)
    with open_for_write(folder / DOCUMENTS) as owners_file, open_for_write(folder / NUMBERS) as numbers_file:
        write_header(owners_file, (sum(plan.entries for plan in plans if not plan.every),), np.int32)
        write_header(numbers_file, (numbers,), np.int64)
        for plan in plans:
            for piece, run, kept in plan.parts:
                if not plan.every:
                    owners_file.write_array(piece.moved(run.owners()[kept]))
                if plan.key[1] in NUMBER_TYPES:
                    numbers_file.write_array(run.values[kept])
    words = _write_codes(folder, plans)
    write_head(folder, total, [(plan.key, plan.every, plan.entries, count) for plan, count in zip(plans, words, strict=True)])


@dataclass(slots=True)
class _Piece:
    """One source: where its live documents go."""

    columns: Columns
    live: Mask | None
    count: int
    places: NDArray[np.int32] | None
    base: int = 0

    @classmethod
    def of(cls, columns: Columns, live: Mask | None) -> "_Piece":
        if live is None:
            return cls(columns, None, columns.documents, None)
        places = np.cumsum(live, dtype=np.int32) - np.int32(1)
        return cls(columns, live, int(live.sum()), places)

    def kept(self, run: ValueRun) -> Any:
        """Which entries of a run are of live documents: a mask, or a slice of all."""
        return slice(None) if self.live is None else self.live if run.documents is None else self.live[run.documents]

    def moved(self, owners: NDArray[np.int32]) -> NDArray[np.int32]:
        """The places of documents in the new segment."""
        return np.asarray((owners if self.places is None else self.places[owners]) + self.base, np.int32)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A run that is to be written: its entries, whether each document has one, and what it is made of."""

    key: Key
    entries: int
    every: bool
    parts: list[tuple[_Piece, ValueRun, Any]]

    @classmethod
    def of(cls, key: Key, pieces: Sequence[_Piece], total: int) -> "_Plan":
        parts, entries, owners = [], 0, 0
        for piece in pieces:
            run = piece.columns.runs.get(key)
            if run is None:
                continue
            kept = piece.kept(run)
            parts.append((piece, run, kept))
            count = len(run.values[kept])
            entries += count
            owners += count if run.documents is None else _distinct(run.documents[kept])
        return cls(key, entries, entries == owners == total, parts)


def _distinct(owners: NDArray[np.int32]) -> int:
    """How many different documents rising owners are."""
    return int(np.count_nonzero(np.diff(owners))) + 1 if len(owners) else 0


def _write_codes(folder: Path, plans: Sequence[_Plan]) -> list[int]:
    """Writes the runs of texts and of true and false; the number of words of each plan."""
    coded = [plan for plan in plans if plan.key[1] not in NUMBER_TYPES]
    counts, sizes = [], [np.zeros(1, np.int64)]
    with open_for_write(folder / CODES) as codes_file, open_for_write(folder / WORDS) as words_file:
        write_header(codes_file, (sum(plan.entries for plan in coded),), np.int32)
        for plan in plans:
            if plan.key[1] in NUMBER_TYPES:
                counts.append(0)
            elif plan.key[1] == "bool":
                counts.append(0)
                for _, run, kept in plan.parts:
                    codes_file.write_array(run.values[kept])
            else:
                lengths, maps = _merge_words([(run.words, run.values[kept]) for _, run, kept in plan.parts], words_file)
                counts.append(len(lengths))
                sizes.append(lengths)
                for (_, run, kept), number_of in zip(plan.parts, maps, strict=True):
                    codes_file.write_array(number_of[run.values[kept]])
    write_array(folder / WORD_OFFSETS, np.cumsum(np.concatenate(sizes), dtype=np.int64))
    return counts


def _merge_words(sources: Sequence[tuple[Words, NDArray[Any]]], file: SyncedFile) -> tuple[NDArray[np.int64], list[NDArray[np.int32]]]:
    """Writes the words that entries still use, each once and sorted.

    Args:
        sources: the words of each run, and int32 (entries,) the words' numbers.
        file: where the bytes go.

    Returns:
        int64 (words,) the bytes of each, and for each source int32 (its words,) their new numbers.
    """
    maps = [np.full(len(words), -1, np.int32) for words, _ in sources]
    used = [np.zeros(len(words), np.bool_) for words, _ in sources]
    for flags, (_, values) in zip(used, sources, strict=True):
        flags[values] = True
    lengths: list[int] = []
    block: list[bytes] = []
    last = None
    streams = [_numbered(words, flags, place) for place, ((words, _), flags) in enumerate(zip(sources, used, strict=True))]
    for word, place, number in heapq.merge(*streams):
        if word != last:
            last = word
            lengths.append(len(word))
            block.append(word)
            if len(block) == _BATCH:
                file.write(b"".join(block))
                block.clear()
        maps[place][number] = len(lengths) - 1
    file.write(b"".join(block))
    return np.array(lengths, np.int64), maps


def _numbered(words: Words, used: Mask, place: int) -> Iterator[tuple[bytes, int, int]]:
    for number, word in enumerate(words):
        if used[number]:
            yield word, place, number
