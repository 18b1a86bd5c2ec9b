"""The postings of a segment on disk: written list by list in bounded memory, read as one tuple of memory maps.

`kernels/layout.py` describes the forms. A list takes the form that is smallest for its df:
bitmap 52 bytes a block + df / 2, chunked 2.5 df + 4 bytes a chunk + 16, packed 4 df.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from irloom.core.errors import Corrupt
from irloom.core.files import Progress, SyncedFile, map_array, open_for_write, write_array, write_header
from irloom.indexing.kernels.encoding import encode_bitmap, encode_bounds, encode_chunks
from irloom.indexing.kernels.layout import BLOCK, CHUNK, NIBBLE_ESCAPE, PAIRS, WORD_BITS, WORD_ESCAPE, Lists
from irloom.indexing.strings import offsets_of

Gather: TypeAlias = Callable[[int, NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]], None]
"""Writes the documents and tfs of the lists from one on, of which int64 (lists,) says where each begins in what is written."""

_TYPES: Final = {
    "lengths": np.int32,
    "runs": np.int64,
    "counts": np.int64,
    "bits": np.uint64,
    "ranks": np.uint32,
    "block_tfs": np.uint8,
    "block_lengths": np.uint16,
    "ids": np.uint16,
    "chunk_starts": np.uint32,
    "list_tfs": np.uint8,
    "list_lengths": np.uint16,
    "tfs": np.uint8,
    "words": np.uint32,
    "escaped": np.uint32,
    "escaped_tfs": np.int32,
}


def blocks_of(documents: int) -> int:
    """How many blocks of 256 documents there are."""
    return -(-documents // BLOCK)


def chunks_of(documents: int) -> int:
    """How many chunks of 65,536 documents there are."""
    return -(-documents // CHUNK)


def forms(df: NDArray[np.int64], documents: int) -> tuple[int, int]:
    """How many lists are bitmaps and how many are chunked, of lists with these falling int64 (lists,) df."""
    bitmap = blocks_of(documents) * (32 + 4 + 3 * PAIRS) + df / 2 + 3 * PAIRS
    chunked = 2.5 * df + 4 * (chunks_of(documents) + 1) + 3 * PAIRS
    packed = 4.0 * df
    is_packed = packed <= np.minimum(bitmap, chunked)
    n_unpacked = int(is_packed.argmax()) if is_packed.any() else len(df)
    n_bitmap = int((bitmap[:n_unpacked] < chunked[:n_unpacked]).sum())
    return n_bitmap, n_unpacked - n_bitmap


class _ArrayFile:
    """A `.npy` file of known shape that is written piece by piece."""

    def __init__(self, file: SyncedFile, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
        self._file, self._dtype = file, np.dtype(dtype)
        write_header(file, shape, dtype)

    def append(self, array: NDArray[Any]) -> None:
        self._file.write_array(array.astype(self._dtype, copy=False))


class PostingsWriter:
    """Writes the lists of a segment in the order of their terms.

    Args:
        folder: where the files go.
        df: int64 (lists,) document frequencies, falling.
        lengths: int32 (documents,).
        at_a_time: postings that are held in memory, unless one list has more (about 24 bytes each).
    """

    def __init__(self, folder: Path, df: NDArray[np.int64], lengths: NDArray[np.int32], *, at_a_time: int) -> None:
        self._folder, self._df, self._lengths, self._at_a_time = folder, df, lengths, at_a_time
        self._average = float(lengths.mean()) if len(lengths) else 1.0
        self._bitmaps, self._chunked = forms(df, len(lengths))
        self._blocks, self._chunks = blocks_of(len(lengths)), chunks_of(len(lengths))
        self._nibble = np.empty(0, np.uint8)
        self._escaped: list[NDArray[np.uint32]] = []
        self._escaped_tfs: list[NDArray[np.int32]] = []
        n_bitmap, n_unpacked = int(df[: self._bitmaps].sum()), int(df[: self._bitmaps + self._chunked].sum())
        self._counts = np.array([self._bitmaps, self._chunked, n_bitmap, n_unpacked], np.int64)
        unpacked = self._bitmaps + self._chunked
        self._shapes: dict[str, tuple[int, ...]] = {
            "bits": (self._bitmaps, self._blocks * 4),
            "ranks": (self._bitmaps, self._blocks + 1),
            "block_tfs": (self._bitmaps, self._blocks, PAIRS),
            "block_lengths": (self._bitmaps, self._blocks, PAIRS),
            "ids": (n_unpacked - n_bitmap,),
            "chunk_starts": (self._chunked, self._chunks + 1),
            "list_tfs": (unpacked, PAIRS),
            "list_lengths": (unpacked, PAIRS),
            "tfs": (-(-n_unpacked // 2),),
            "words": (int(df.sum()) - n_unpacked,),
        }
        self._files: dict[str, _ArrayFile] = {}

    def write(self, gather: Gather, progress: Progress) -> None:
        """Gathers and writes all lists, a slice of them at a time."""
        with ExitStack() as stack:
            for name, shape in self._shapes.items():
                file = stack.enter_context(open_for_write(self._folder / f"{name}.npy"))
                self._files[name] = _ArrayFile(file, _TYPES[name], shape)
            self._write_slices(gather, progress)
            self._write_nibbles(np.empty(0, np.uint8), last=True)
        self._write_tables()

    def _write_slices(self, gather: Gather, progress: Progress) -> None:
        ends = offsets_of(self._df)
        first, total = 0, int(ends[-1])
        while first < len(self._df):
            last = max(first + 1, int(np.searchsorted(ends, ends[first] + self._at_a_time, side="right")) - 1)
            offsets = ends[first : last + 1] - ends[first]
            docs, tfs = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.int32)
            gather(first, offsets[:-1].copy(), docs, tfs)
            self._write_lists(first, last, offsets, docs, tfs, int(ends[first]))
            progress("postings", int(ends[last]), total)
            first = last

    def _write_lists(
        self, first: int, last: int, offsets: NDArray[np.int64], docs: NDArray[np.int32], tfs: NDArray[np.int32], posting: int
    ) -> None:
        unpacked = self._bitmaps + self._chunked
        for term in range(first, min(last, unpacked)):
            part = slice(int(offsets[term - first]), int(offsets[term - first + 1]))
            if term < self._bitmaps:
                self._write_bitmap(docs[part], tfs[part])
            else:
                ids, starts = np.empty(part.stop - part.start, np.uint16), np.empty(self._chunks + 1, np.uint32)
                encode_chunks(docs[part], ids, starts)
                self._files["ids"].append(ids)
                self._files["chunk_starts"].append(starts)
        middle = max(0, min(last, unpacked) - first)
        cut = int(offsets[middle])
        if middle:
            pairs = np.empty((middle, PAIRS), np.uint8), np.empty((middle, PAIRS), np.uint16)
            encode_bounds(offsets[: middle + 1], docs, tfs, self._lengths, self._average, *pairs)
            self._files["list_tfs"].append(pairs[0])
            self._files["list_lengths"].append(pairs[1])
        self._write_nibbles(np.minimum(tfs[:cut], NIBBLE_ESCAPE).astype(np.uint8), last=False)
        words = docs[cut:].astype(np.uint32) << np.uint32(WORD_BITS) | np.minimum(tfs[cut:], WORD_ESCAPE).astype(np.uint32)
        self._files["words"].append(words)
        escaped = np.concatenate([np.flatnonzero(tfs[:cut] >= NIBBLE_ESCAPE), cut + np.flatnonzero(tfs[cut:] >= WORD_ESCAPE)])
        self._escaped.append((escaped + posting).astype(np.uint32))
        self._escaped_tfs.append(tfs[escaped])

    def _write_bitmap(self, docs: NDArray[np.int32], tfs: NDArray[np.int32]) -> None:
        bits, ranks = np.zeros(self._blocks * 4, np.uint64), np.empty(self._blocks + 1, np.uint32)
        pairs = np.empty((self._blocks, PAIRS), np.uint8), np.empty((self._blocks, PAIRS), np.uint16)
        encode_bitmap(docs, tfs, self._lengths[docs], self._average, bits, ranks, *pairs)
        self._files["bits"].append(bits)
        self._files["ranks"].append(ranks)
        self._files["block_tfs"].append(pairs[0])
        self._files["block_lengths"].append(pairs[1])

    def _write_nibbles(self, nibbles: NDArray[np.uint8], *, last: bool) -> None:
        nibbles = np.concatenate([self._nibble, nibbles])
        if last and len(nibbles) % 2:
            nibbles = np.append(nibbles, np.uint8(0))
        even = len(nibbles) - len(nibbles) % 2
        self._files["tfs"].append(nibbles[0:even:2] | nibbles[1:even:2] << np.uint8(4))
        self._nibble = nibbles[even:]

    def _write_tables(self) -> None:
        """Writes what is known only once all lists are written."""
        starts = np.flatnonzero(np.diff(self._df, prepend=-1))
        first_postings = np.concatenate([[0], np.cumsum(self._df)])
        runs = np.stack([starts, first_postings[starts], self._df[starts]], axis=1)
        end = np.array([[len(self._df), first_postings[-1], 0]], np.int64)
        write_array(self._folder / "runs.npy", np.concatenate([runs, end]).astype(np.int64))
        write_array(self._folder / "counts.npy", self._counts)
        write_array(self._folder / "lengths.npy", self._lengths)
        write_array(self._folder / "escaped.npy", np.concatenate([np.empty(0, np.uint32), *self._escaped]))
        write_array(self._folder / "escaped_tfs.npy", np.concatenate([np.empty(0, np.int32), *self._escaped_tfs]))


def read_lists(folder: Path) -> Lists:
    """The postings of a segment, memory-mapped.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """
    arrays = {name: map_array(folder / f"{name}.npy", dtype=dtype) for name, dtype in _TYPES.items()}
    for array in arrays.values():
        array.flags.writeable = False
    lists = Lists(**arrays)
    _check(folder, lists)
    return lists


def _check(folder: Path, lists: Lists) -> None:
    if lists.counts.shape != (4,) or lists.runs.ndim != 2 or lists.runs.shape[1:] != (3,) or not len(lists.runs):
        raise Corrupt(folder / "runs.npy", "the table of lists has another shape than irloom writes")
    documents, (bitmaps, chunked, in_bitmaps, unpacked) = len(lists.lengths), lists.counts.tolist()
    terms, postings = lists.runs[-1, :2].tolist()
    expected: dict[str, tuple[int, ...]] = {
        "bits": (bitmaps, blocks_of(documents) * 4),
        "ranks": (bitmaps, blocks_of(documents) + 1),
        "block_tfs": (bitmaps, blocks_of(documents), PAIRS),
        "block_lengths": (bitmaps, blocks_of(documents), PAIRS),
        "ids": (unpacked - in_bitmaps,),
        "chunk_starts": (chunked, chunks_of(documents) + 1),
        "list_tfs": (bitmaps + chunked, PAIRS),
        "list_lengths": (bitmaps + chunked, PAIRS),
        "tfs": (-(-unpacked // 2),),
        "words": (postings - unpacked,),
        "escaped_tfs": lists.escaped.shape,
    }
    for name, shape in expected.items():
        if getattr(lists, name).shape != shape:
            raise Corrupt(folder / f"{name}.npy", f"an array of shape {getattr(lists, name).shape}, expected {shape}")
    if not 0 <= bitmaps + chunked <= terms:
        raise Corrupt(folder / "counts.npy", f"{bitmaps + chunked} lists of {terms}")
