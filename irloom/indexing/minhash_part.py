"""MinHash of a collection's documents: a part that finds near-duplicates without comparing each document with each.

For each band of minima a segment keeps the hashes of its documents' bands, sorted, and the documents that they are of. Documents that share
a hash are candidates; whoever asks confirms them by the exact similarity of their shingles. A document without words has no shingle: it is
in no band, and nothing is like it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, CollectionError, Corrupt
from irloom.core.files import Progress, map_array, open_for_write, replacing, short_hash, write_header
from irloom.core.types import Json
from irloom.indexing.parts import DocumentSource, PartSegment
from irloom.text.minhash import EMPTY, Shingles, band_keys, band_rows, shingles, signatures

KIND: Final = "minhash"
KEYS, PLACES = "keys.npy", "places.npy"
PERMUTATIONS: Final = 128
SIZE: Final = 3
CHUNK: Final = 1024
"""Documents in a shard: what a stopped build loses at most."""
MOST: Final = 64
"""Candidates of a document that are compared, those first that share most bands: so many near-duplicates need no more to be found."""


@dataclass(frozen=True, slots=True)
class Bands:
    """The bands of some documents.

    Attributes:
        keys: uint32 (n, bands), the hash of each band.
        full: bool (n,), which documents have a shingle at all.
    """

    keys: NDArray[np.uint32]
    full: NDArray[np.bool_]


class MinHashPart:
    """A PartBuilder: what finds documents whose word triples have a Jaccard similarity of `threshold` or more.

    A pair at the threshold is missed with a probability of 0.001 at most, one of equal texts never.

    Args:
        threshold: above 0, at most 1.

    Raises:
        BadValue: the threshold is out of its range.

    Paper: Broder, "On the resemblance and containment of documents", 1997; bands as in Leskovec, Rajaraman and Ullman, "Mining of massive
        datasets", 2014, section 3.4.
    """

    kind = KIND

    def __init__(self, *, threshold: float = 0.8) -> None:
        if not 0 < threshold <= 1:
            raise BadValue("threshold", threshold, "a similarity above 0, at most 1")
        self.threshold = float(threshold)
        self.rows = band_rows(PERMUTATIONS, threshold=self.threshold)

    @property
    def space(self) -> str:
        """Names what is hashed: keys of another space cannot be compared."""
        return f"minhash/words {SIZE}/{PERMUTATIONS}/{self.rows}"

    @property
    def fingerprint(self) -> str:
        """The space with the threshold."""
        return f"{self.space}/{self.threshold}"

    @property
    def parameters(self) -> Mapping[str, Json]:
        """The threshold."""
        return {"threshold": self.threshold}

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        """Hashes what has no shard yet, and sorts band by band.

        Raises:
            CollectionError: there are more documents than one segment can hold.
        """
        if len(documents) >= 1 << 31:
            raise CollectionError(f"{len(documents)} documents; a segment holds fewer than {1 << 31}")
        bands = self.bands(documents, work=work, progress=progress)
        places = np.flatnonzero(bands.full).astype(np.int32)
        _write(folder, ((column[places], places) for column in bands.keys.T), bands.keys.shape[1], len(places))

    def bands(self, documents: DocumentSource, *, work: Path, progress: Progress) -> Bands:
        """The bands of documents; finished shards under `work` are taken up, and new ones put there."""
        pieces: list[NDArray[np.uint32]] = []
        iterator, done = iter(documents), 0
        while chunk := list(islice(iterator, CHUNK)):
            texts = [document.full_text for document in chunk]
            path = work / f"{short_hash(self.space, *texts, size=20)}.npy"
            if not _is_whole(path, len(chunk)):
                made = self.bands_of([text_shingles(text) for text in texts])
                with replacing(path) as file:
                    table = np.column_stack([made.keys, made.full.astype(np.uint32)])
                    write_header(file, table.shape, table.dtype)
                    file.write_array(table)
            pieces.append(np.array(map_array(path, dtype=np.uint32)))
            done += len(chunk)
            progress("near-duplicates", done, len(documents))
        table = np.concatenate(pieces) if pieces else np.empty((0, PERMUTATIONS // self.rows + 1), np.uint32)
        return Bands(table[:, :-1], table[:, -1] != 0)

    def bands_of(self, sets: Sequence[Shingles]) -> Bands:
        """The bands of sets of shingles."""
        table = signatures(sets, permutations=PERMUTATIONS)
        return Bands(band_keys(table, rows=self.rows), (table != EMPTY).any(axis=1))


def text_shingles(text: str) -> Shingles:
    """The shingles by which this part compares texts: runs of three words."""
    return shingles(text, size=SIZE)


def merge_minhash(
    sources: Sequence[PartSegment],
    folder: Path,
    *,
    parameters: Mapping[str, Json],
    trained: Path | None,
    retrained: Path,
    work: Path,
    progress: Progress,
) -> None:
    """Merges the bands of documents that are not deleted: a MergePart.

    Raises:
        Corrupt: a file of a source is damaged.
    """
    del parameters, trained, retrained, work  # a MergePart is given more than this one reads
    tables = [_Segment(source) for source in sources]
    moved, base = [], 0
    for source in sources:
        move = np.full(source.documents, -1, np.int32)
        move[source.live_places] = base + np.arange(len(source.live_places), dtype=np.int32)
        moved.append(move)
        base += len(source.live_places)
    bands = len(tables[0].keys)

    def columns() -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int32]]]:
        for band in range(bands):
            places = np.concatenate([move[table.entries(band)] for table, move in zip(tables, moved, strict=True)])
            yield np.concatenate([table.keys[band] for table in tables])[places >= 0], places[places >= 0]
            progress("near-duplicates", band + 1, bands)

    count = sum(int((move[table.entries(0)] >= 0).sum()) for table, move in zip(tables, moved, strict=True))
    _write(folder, columns(), bands, count)


class MinHashIndex:
    """What finds the near-duplicates among the documents of some segments.

    Args:
        segments: of a part of this kind.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
    """

    def __init__(self, segments: Sequence[PartSegment]) -> None:
        self._segments = [_Segment(segment) for segment in segments]

    def candidates(self, bands: Bands) -> Iterator[NDArray[np.int64]]:
        """For each document int64 (m,): the positions, at most `MOST`, of live documents that share a band with it.

        Those come first that share most bands, of equal ones the first.
        """
        found = [(segment, *segment.ranges(bands.keys)) for segment in self._segments]
        hit = np.zeros(len(bands.keys), np.bool_)
        for _, first, last in found:
            hit |= (first < last).any(axis=1)
        for row, any_hit in enumerate((hit & bands.full).tolist()):
            if not any_hit:
                yield np.empty(0, np.int64)
                continue
            pieces = [
                segment.positions(band, int(first[row, band]), int(last[row, band]))
                for segment, first, last in found
                for band in np.flatnonzero(first[row] < last[row]).tolist()
            ]
            yield most_shared(np.concatenate(pieces))


def most_shared(positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (m,): the different positions, those first that occur most often, of equal ones the least; at most `MOST`."""
    different, counts = np.unique(positions, return_counts=True)
    return different[np.argsort(-counts, kind="stable")[:MOST]]


class _Segment:
    """The sorted bands of one segment: keys uint32 (bands, m) and places int32 (bands, m)."""

    def __init__(self, segment: PartSegment) -> None:
        self._segment = segment
        self.keys = map_array(segment.folder / KEYS, dtype=np.uint32)
        self.places = map_array(segment.folder / PLACES, dtype=np.int32)
        if self.keys.ndim != 2 or self.keys.shape != self.places.shape or self.keys.shape[1] > segment.documents:
            raise Corrupt(segment.folder / KEYS, f"{self.keys.shape} keys and {self.places.shape} places of {segment.documents} documents")

    def ranges(self, keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """int64 (n, bands) twice: where each band's entries of a key begin and end."""
        sides = [
            [np.searchsorted(own, asked, side=side) for own, asked in zip(self.keys, keys.T, strict=True)] for side in ("left", "right")
        ]
        first, last = (np.array(side, np.int64).reshape(keys.shape[::-1]).T for side in sides)
        return first, last

    def entries(self, band: int, first: int = 0, last: int | None = None) -> NDArray[np.int32]:
        """int32 (m,): the places of some entries of a band, of all where none are named.

        Raises:
            Corrupt: one lies beyond the segment.
        """
        places = self.places[band, first:last]
        if len(places) and not 0 <= int(places.min()) <= int(places.max()) < self._segment.documents:
            raise Corrupt(self._segment.folder / PLACES, f"a place beyond the {self._segment.documents} documents")
        return places

    def positions(self, band: int, first: int, last: int) -> NDArray[np.int64]:
        """int64 (m,): the positions of the live documents of some entries of a band."""
        places = self.entries(band, first, last)
        if self._segment.live is not None:
            places = places[self._segment.live[places]]
        return places.astype(np.int64) + self._segment.base


def _write(folder: Path, columns: Iterator[tuple[NDArray[np.uint32], NDArray[np.int32]]], bands: int, count: int) -> None:
    """Writes each band's keys with the places of their documents, rising by key, of equal keys by place."""
    with open_for_write(folder / KEYS) as keys_file, open_for_write(folder / PLACES) as places_file:
        write_header(keys_file, (bands, count), np.uint32)
        write_header(places_file, (bands, count), np.int32)
        for keys, places in columns:
            order = np.lexsort((places, keys))
            keys_file.write_array(keys[order])
            places_file.write_array(places[order])


def _is_whole(path: Path, documents: int) -> bool:
    try:
        return len(map_array(path, dtype=np.uint32)) == documents
    except Corrupt:
        return False
