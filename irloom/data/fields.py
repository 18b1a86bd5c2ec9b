"""The fields of a block of lines, found for all lines at once and cut out of the text without a Python object for each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD = 8
_WIDEST = 64
_BLANK = np.zeros(256, np.bool_)
_BLANK[[9, 10, 11, 12, 13, 32]] = True
_MASKS = np.array([0, *((1 << 8 * length) - 1 for length in range(1, WORD + 1))], "<u8")


@dataclass(frozen=True, slots=True)
class Column:
    """One field of each line, n lines.

    Attributes:
        text: the block with `_WIDEST` zero bytes behind it.
        starts: int64 (n,), where each field begins in it.
        lengths: int64 (n,), its bytes.
    """

    text: bytes
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def width(self) -> int:
        """The bytes of the longest field."""
        return int(self.lengths.max()) if len(self.lengths) else 0

    @property
    def fits(self) -> bool:
        """Whether the fields can be packed: none is longer than 64 bytes."""
        return self.width <= _WIDEST

    @property
    def has_zeros(self) -> bool:
        """Whether a zero byte is in the block, which packing cannot tell from what stands behind a field."""
        return self.text.find(b"\0") < len(self.text) - _WIDEST

    def at(self, places: NDArray[np.int64]) -> "Column":
        """The fields of some lines."""
        return Column(self.text, self.starts[places], self.lengths[places])

    def packed(self) -> NDArray[np.uint64]:
        """Little-endian uint64 (n, words): the bytes of each field, zeros behind them; `fits` must hold."""
        count = max(1, -(-self.width // WORD))
        windows = np.ndarray((len(self.text) - _WIDEST + 1,), f"V{WORD * count}", self.text, strides=(1,))
        words = windows[self.starts].view("<u8").reshape(-1, count)
        for place in range(count):
            words[:, place] &= _MASKS[np.clip(self.lengths - WORD * place, 0, WORD)]
        return words

    def fields(self) -> list[bytes]:
        """The fields themselves."""
        if not self.fits or self.has_zeros:
            ends = (self.starts + self.lengths).tolist()
            return [self.text[start:end] for start, end in zip(self.starts.tolist(), ends, strict=True)]
        words = self.packed()
        fields: list[bytes] = words.view(f"S{WORD * words.shape[1]}").reshape(-1).tolist()
        return fields


@dataclass(frozen=True, slots=True)
class Fields:
    """Where the fields of a block stand.

    Attributes:
        text: the block with zero bytes behind it.
        starts: int64 (n, width), where each field of the n lines that are not blank begins.
        ends: int64 (n, width).
        lines: int64 (n,), the place of each of these lines among all lines of the block.
    """

    text: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]

    def column(self, place: int) -> Column:
        """The field at `place` of every line."""
        starts = self.starts[:, place]
        return Column(self.text, starts, self.ends[:, place] - starts)


@dataclass(frozen=True, slots=True)
class WrongWidth:
    """The first line that has another number of fields: its place among the lines of the block, and that number."""

    line: int
    width: int


def split_fields(block: bytes, *, width: int) -> Fields | WrongWidth:
    """Splits whole lines at blanks into `width` fields each; blank lines count for nothing.

    Args:
        block: lines, each with its line feed.
        width: fields a line.
    """
    data = np.frombuffer(block, np.uint8)
    text = block + bytes(_WIDEST)
    return _single_blanks(data, text, width) or _any_blanks(data, text, width)


def _single_blanks(data: NDArray[np.uint8], text: bytes, width: int) -> Fields | None:
    """The usual layout, one blank or tab between two fields; None for any other."""
    ends = np.flatnonzero(data <= 32)
    if not len(ends) or len(ends) % width:
        return None
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    marks = data[ends].reshape(-1, width)
    if np.any(ends == starts) or np.any(marks[:, -1] != 10) or np.any((marks[:, :-1] != 32) & (marks[:, :-1] != 9)):
        return None
    return Fields(text, starts.reshape(-1, width), ends.reshape(-1, width), np.arange(len(marks)))


def _any_blanks(data: NDArray[np.uint8], text: bytes, width: int) -> Fields | WrongWidth:
    blank = _BLANK[data]
    edges = np.flatnonzero(blank[1:] != blank[:-1]) + 1
    edges = edges if blank[0] else np.concatenate([[0], edges])
    starts, ends = edges[0::2], np.append(edges[1::2], len(data))[: (len(edges) + 1) // 2]
    widths = np.diff(np.searchsorted(starts, np.flatnonzero(data == 10)), prepend=0)
    wrong = np.flatnonzero((widths != width) & (widths != 0))
    if len(wrong):
        return WrongWidth(int(wrong[0]), int(widths[wrong[0]]))
    return Fields(text, starts.reshape(-1, width), ends.reshape(-1, width), np.flatnonzero(widths))
