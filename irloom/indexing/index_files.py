"""Writes the inverted index of a segment: of counted documents, or of the indexes of other segments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.contracts import Mask
from irloom.core.errors import CollectionError
from irloom.core.files import Progress
from irloom.core.mapping import drop_pages
from irloom.indexing.forward import write_forward
from irloom.indexing.inverted import InvertedIndex
from irloom.indexing.kernels.inversion import forward_words, gather_lists
from irloom.indexing.kernels.layout import MAX_DOCUMENTS
from irloom.indexing.kernels.merging import merge_forward, merge_lists
from irloom.indexing.kernels.strings import sort_strings
from irloom.indexing.postings import PostingsWriter
from irloom.indexing.string_table import StringTable
from irloom.indexing.strings import blocks, gather, offsets_of, pack
from irloom.indexing.term_counter import Counted
from irloom.indexing.term_table import write_vocabulary

MAX_POSTINGS: Final = 1 << 32
AT_A_TIME: Final = 1 << 23
"""Postings that are held in memory at a time, where no less is asked for."""


def write_index(folder: Path, counted: Counted, progress: Progress, *, at_a_time: int = AT_A_TIME) -> None:
    """Writes the index of counted documents.

    Args:
        folder: where the files go.
        counted: the documents.
        progress: called as it goes.
        at_a_time: postings that are held in memory besides the counted ones, about 24 bytes each.

    Raises:
        CollectionError: there are more documents, terms or postings than one segment can hold.
    """
    check_size(len(counted.lengths), int((counted.df > 0).sum()), len(counted.terms))
    used = np.flatnonzero(counted.df)
    names = counted.names
    order = _write_terms(folder, *pack([names[term] for term in used.tolist()]), counted.df[used])
    number = np.full(len(counted.df), -1, np.int32)
    number[used[order]] = np.arange(len(order), dtype=np.int32)

    def lists(first: int, places: NDArray[np.int64], docs: NDArray[np.int32], tfs: NDArray[np.int32]) -> None:
        gather_lists(counted.terms, counted.tfs, counted.offsets, number, first, places, docs, tfs)

    def forward() -> Iterator[NDArray[np.uint32]]:
        for start, stop in blocks(counted.offsets, at_a_time):
            words = np.empty(int(counted.offsets[stop] - counted.offsets[start]), np.uint32)
            forward_words(counted.terms, counted.tfs, counted.offsets[start : stop + 1], number, words)
            yield words

    PostingsWriter(folder, counted.df[used[order]], counted.lengths, at_a_time=at_a_time).write(lists, progress)
    write_forward(folder, counted.offsets, forward())


@dataclass(frozen=True, slots=True)
class _Source:
    """An index to be merged.

    Attributes:
        index: it.
        moved: int32 (documents,): the new number of each document; -1 where it is deleted.
        number: int32 (terms,): the new number of each term, first provisional and then final.
    """

    index: InvertedIndex
    moved: NDArray[np.int32]
    number: NDArray[np.int32]


def merge_indexes(
    sources: Sequence[tuple[InvertedIndex, Mask | None]], folder: Path, progress: Progress, *, at_a_time: int = AT_A_TIME
) -> None:
    """Writes one index of the documents of several that are live, in order: byte for byte what `write_index` writes of them.

    Each posting is read once. Memory holds the vocabulary, 4 bytes a document and term of the sources, and a slice of the postings.

    Args:
        sources: the indexes, each with bool (documents,), which of its documents are live; None for all.
        folder: where the files go.
        progress: called as it goes.
        at_a_time: postings that are held in memory, about 24 bytes each.

    Raises:
        CollectionError: there are more documents, terms or postings than one segment can hold.
    """
    table, df = StringTable(), np.zeros(0, np.int64)
    opened, base = [], 0
    for index, live in sources:
        number = table.enter(index.terms.data, index.terms.offsets)
        drop_pages(index.terms.data, index.terms.offsets)
        own = index.df(np.arange(len(number), dtype=np.int32))
        if live is not None:
            own = own - index.forward.df(np.flatnonzero(~live), len(number))
        df = np.append(df, np.zeros(len(table) - len(df), np.int64))
        df[number] += own
        alive = np.ones(index.documents, np.bool_) if live is None else live
        opened.append(_Source(index, np.where(alive, base + np.cumsum(alive) - 1, -1).astype(np.int32), number))
        base += int(alive.sum())
    check_size(base, int((df > 0).sum()), int(df.sum()))
    used = np.flatnonzero(df)
    order = _write_terms(
        folder, gather(table.data, table.offsets, used), offsets_of(np.diff(table.offsets[: len(table) + 1])[used]), df[used]
    )
    final = np.full(len(table), -1, np.int32)
    final[used[order]] = np.arange(len(order), dtype=np.int32)
    del table
    for source in opened:
        source.number[:] = final[source.number]
    _merge_postings(opened, df[used[order]], folder, progress, at_a_time)


def _merge_postings(sources: Sequence[_Source], df: NDArray[np.int64], folder: Path, progress: Progress, at_a_time: int) -> None:
    """Writes the lists and the forward file; `df` is int64 (terms,), falling."""

    def lists(first: int, places: NDArray[np.int64], docs: NDArray[np.int32], tfs: NDArray[np.int32]) -> None:
        for source in sources:
            merge_lists(source.index.lists, source.moved, source.number, first, places, docs, tfs)
            drop_pages(*source.index.lists)

    def forward() -> Iterator[NDArray[np.uint32]]:
        for source in sources:
            file = source.index.forward
            for start, stop in blocks(file.offsets, at_a_time):
                words = np.empty(int(file.offsets[stop] - file.offsets[start]), np.uint32)
                yield words[: merge_forward(file.words, file.offsets, source.moved, source.number, start, stop, words)]
                drop_pages(file.words, file.offsets)

    lengths = np.concatenate([source.index.lists.lengths[source.moved >= 0] for source in sources])
    counts = np.concatenate([np.diff(source.index.forward.offsets)[source.moved >= 0] for source in sources])
    PostingsWriter(folder, df, lengths, at_a_time=at_a_time).write(lists, progress)
    write_forward(folder, offsets_of(counts), forward())


def check_size(documents: int, terms: int, postings: int) -> None:
    """Refuses what one segment cannot hold.

    Raises:
        CollectionError: there are too many documents, terms or postings.
    """
    if documents > MAX_DOCUMENTS or terms > MAX_DOCUMENTS or postings >= MAX_POSTINGS:
        raise CollectionError(
            f"{documents} documents with {postings} postings of {terms} terms; "
            f"a segment holds up to {MAX_DOCUMENTS} documents and terms and {MAX_POSTINGS} postings"
        )


def _write_terms(folder: Path, data: NDArray[np.uint8], offsets: NDArray[np.int64], df: NDArray[np.int64]) -> NDArray[np.int64]:
    """Writes the vocabulary, terms by falling int64 (terms,) df and then by their bytes, and returns this order, int64 (terms,)."""
    by_bytes = np.arange(len(df), dtype=np.int32)
    sort_strings(data, offsets, by_bytes)
    order = by_bytes[np.argsort(-df[by_bytes], kind="stable")].astype(np.int64)
    write_vocabulary(folder, gather(data, offsets, order), offsets_of(np.diff(offsets)[order]))
    return order
