"""The id tables of several runs joined into one, with the place of each id among all of them, descending."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import DataError
from irloom.core.run import Run
from irloom.data.fields import Column

_TAIL, _LINE_FEED = bytes(64), 10
_WORDS = 4
"""Ids that differ in more than so many words of eight bytes are sorted as text."""


@dataclass(frozen=True, slots=True)
class JoinedIds:
    """Every document that any of the rankings holds, d in number.

    Attributes:
        doc_ids: their ids, in the order of the runs' own tables.
        order: int32 (d,), descending: the position in `doc_ids` of the greatest id, of the next one, and so on.
        places: for each run, uint32 (its own table,): the place in `order` of each of its ids; 0 for one that no ranking holds.
    """

    doc_ids: tuple[str, ...]
    order: NDArray[np.int32]
    places: tuple[NDArray[np.uint32], ...]


def join_ids(runs: Sequence[Run]) -> JoinedIds:
    """Joins the tables of one or more runs.

    Raises:
        DataError: an id is not text.
    """
    found = [_found(run) for run in runs]
    tables = [run.doc_ids if own.all() else tuple(compress(run.doc_ids, own.tolist())) for run, own in zip(runs, found, strict=True)]
    groups, count = _grouped(tables)
    place = np.uint32(max(count, 1) - 1) - groups
    member = np.zeros(count, np.int32)
    member[place] = np.arange(len(place), dtype=np.int32)  # one of the equal ids, whichever comes last
    kept = np.zeros(len(place), np.bool_)
    kept[member] = True
    doc_ids = tuple(compress(chain.from_iterable(tables), kept.tolist()))
    order = (np.cumsum(kept, dtype=np.int32) - np.int32(1))[member]
    places, start = [], 0
    for own in found:
        whole = np.zeros(len(own), np.uint32)
        whole[own] = place[start : start + int(own.sum())]
        start += int(own.sum())
        places.append(whole)
    return JoinedIds(doc_ids, order, tuple(places))


def not_text(name: str, ids: Iterable[object]) -> DataError:
    """The error for the first of the ids that is no text."""
    odd = next(one for one in ids if not isinstance(one, str))
    return DataError(f"{name} {odd!r} is {type(odd).__name__}, not text; '12' and 12 would never meet, so make every id text")


def _found(run: Run) -> NDArray[np.bool_]:
    """Which ids of the run's own table its rankings hold, as bool (its ids,)."""
    found = np.zeros(len(run.doc_ids), np.bool_)
    found[run.docs] = True
    return found


def _grouped(tables: Sequence[Sequence[str]]) -> tuple[NDArray[np.uint32], int]:
    """uint32 (all ids of the tables one after another,): the place of each among the different ones, ascending; and their number."""
    try:
        words = _packed(tables)
    except TypeError:
        raise not_text("document id", chain.from_iterable(tables)) from None
    if words is None:
        ids = sorted(set(chain.from_iterable(tables)))
        place_of = dict(zip(ids, range(len(ids)), strict=True))
        size = sum(map(len, tables))
        return np.fromiter(map(place_of.__getitem__, chain.from_iterable(tables)), np.uint32, size), len(ids)
    order = np.argsort(words[0]) if len(words) == 1 else np.lexsort(words[::-1])
    new = np.zeros(len(order), np.bool_)
    new[:1] = True
    for word in words:
        ordered = word[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    groups = np.empty(len(order), np.uint32)
    groups[order] = np.cumsum(new, dtype=np.uint32) - np.uint32(1)
    return groups, int(new.sum())


def _packed(tables: Sequence[Sequence[str]]) -> list[NDArray[np.uint64]] | None:
    """Words, uint64 (n,) each, by which all ids sort as text, first the one that counts most; None where ids are too long or odd for it.

    UTF-8 sorts as the letters do; an id of ASCII has as many bytes as letters; zeros behind it sort before any letter.
    """
    parts = []
    for table in tables:
        text = "\n".join(table)
        if not text.isascii() or "\0" in text or text.count("\n") != max(len(table) - 1, 0):
            return None
        encoded = text.encode()
        ends = np.append(np.flatnonzero(np.frombuffer(encoded, np.uint8) == _LINE_FEED), len(encoded))[: len(table)]
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])[: len(table)]
        column = Column(encoded + _TAIL, starts, ends - starts)
        if not column.fits:
            return None
        parts.append(column.packed())
    width = max(part.shape[1] for part in parts)
    words: list[NDArray[np.uint64]] = []
    for place in range(width):
        word = np.concatenate([part[:, place] if place < part.shape[1] else np.zeros(len(part), np.uint64) for part in parts]).byteswap()
        if not words or np.any(word[1:] != word[:-1]):
            words.append(word)
    return words if len(words) <= _WORDS else None
