"""IdLines: ids that stand one a line in a text file, looked up without a Python object each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import DataError, DuplicateDocument
from irloom.core.files import map_bytes

_LINES = 1 << 14
"""Lines that are looked at together."""
_NEWLINE, _RETURN = 10, 13


class IdLines:
    """The ids of a file, in their order. Its bytes are memory-mapped; 20 bytes an id are kept beside them.

    Whoever asks mostly asks in the file's own order, so the lines after the last answer are tried first; else a sorted table of
    64-bit hashes is searched, and what it finds is compared byte by byte.

    Args:
        path: UTF-8, one id a line; a line ends with a line feed, with or without a carriage return before it.

    Raises:
        DataError: the file is not UTF-8.
        DuplicateDocument: an id stands there twice.
    """

    def __init__(self, path: Path) -> None:
        self._data = map_bytes(path)
        self._offsets = _line_offsets(self._data)
        self._next = 0
        hashes = np.empty(len(self), np.uint64)
        for start in range(0, len(self), _LINES):
            rows = np.arange(start, min(start + _LINES, len(self)))
            starts, ends = self._bounds(rows)
            block = self._data[int(starts[0]) : int(ends[-1])]
            _check_text(path, block.tobytes(), int(starts[0]))
            hashes[rows] = _hashes(block, starts - starts[0], ends - starts[0])
        self._order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes = hashes[self._order]
        self._check_unique(path)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def rows(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """int64 (n,): the line of each id, from 0; -1 where it is not there."""
        wanted = [doc_id.encode("utf-8", "surrogatepass") for doc_id in ids]
        first, after = self._next, self._next + len(wanted)
        if wanted and after <= len(self):
            starts, ends = self._bounds(np.array([first, after - 1]))
            if self._data[int(starts[0]) : int(ends[1])].tobytes() == b"\n".join(wanted):
                self._next = after
                return np.arange(first, after)
        found = self._sorted_rows(wanted)
        self._next = int(found[-1]) + 1 if len(found) else 0
        return found

    def _sorted_rows(self, wanted: Sequence[bytes]) -> NDArray[np.int64]:
        ends = np.cumsum([len(one) for one in wanted], dtype=np.int64)
        starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)[: len(ends)]
        hashes = _hashes(np.frombuffer(b"".join(wanted), np.uint8), starts, ends)
        places = np.searchsorted(self._hashes, hashes)
        found = np.full(len(wanted), -1, np.int64)
        for i, place in enumerate(places.tolist()):
            while place < len(self) and self._hashes[place] == hashes[i]:
                if self._line(int(self._order[place])) == wanted[i]:
                    found[i] = self._order[place]
                    break
                place += 1
        return found

    def _bounds(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """int64 (n,) each: where the ids of some lines begin and end."""
        starts, ends = self._offsets[rows], self._offsets[rows + 1] - 1
        returned = (ends > starts) & (self._data[np.maximum(ends - 1, 0)] == _RETURN)
        return starts, ends - returned

    def _line(self, row: int) -> bytes:
        (start,), (end,) = self._bounds(np.array([row]))
        return self._data[int(start) : int(end)].tobytes()

    def _check_unique(self, path: Path) -> None:
        same = self._hashes[1:] == self._hashes[:-1]
        suspects = np.unique(np.concatenate([self._order[1:][same], self._order[:-1][same]]))
        seen: set[bytes] = set()
        for row in suspects.tolist():
            line = self._line(row)
            if line in seen:
                raise DuplicateDocument(line.decode(), where=f"{path} line {row + 1}")
            seen.add(line)


def _line_offsets(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """int64 (lines + 1,): where each line begins, and one more than where the last one's line feed stands, or would stand."""
    step = 1 << 24
    feeds = [np.flatnonzero(data[start : start + step] == _NEWLINE) + start for start in range(0, len(data), step)]
    offsets = np.concatenate([np.zeros(1, np.int64), *(found + 1 for found in feeds)]).astype(np.int64)
    return offsets if offsets[-1] == len(data) else np.append(offsets, len(data) + 1)


def _check_text(path: Path, block: bytes, start: int) -> None:
    try:
        block.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 ({error.reason} at byte {start + error.start})") from error


def _hashes(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """uint64 (n,): a hash of each stretch of bytes, the sum of its bytes by weights that look random and depend on their place in it.

    Args:
        data: uint8 (bytes,), not read outside of the stretches.
        starts: int64 (n,), rising.
        ends: int64 (n,).
    """
    lengths = ends - starts
    sums = np.zeros(int(lengths.sum()) + 1, np.uint64)
    cuts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    within = np.arange(cuts[-1]) - np.repeat(cuts[:-1], lengths)
    taken = data[within + np.repeat(starts, lengths)]
    np.cumsum((taken.astype(np.uint64) + np.uint64(1)) * _weights(int(lengths.max(initial=0)))[within], out=sums[1:])
    return sums[cuts[1:]] - sums[cuts[:-1]]


def _weights(count: int) -> NDArray[np.uint64]:
    """uint64 (count,): numbers that look random, by splitmix64.

    Paper: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, figure 17.
    """
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
