"""The part of kind "bm25": an inverted index, built in bounded memory by shards, and merged without the text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from irloom.core.files import Progress, make_folder, no_progress, place_folder, remove_tree
from irloom.indexing.content_hash import content_hash
from irloom.indexing.index_files import AT_A_TIME, check_size, merge_indexes, write_index
from irloom.indexing.inverted import InvertedIndex
from irloom.indexing.parts import DocumentSource, Json, PartSegment
from irloom.indexing.strings import blocks, pack
from irloom.indexing.term_counter import Counted, TermCounter
from irloom.indexing.text_store import TextStore
from irloom.text.analyzer import Analyzer

MEMORY: Final = 1 << 30
SHARE: Final = 8
"""A shard has a byte of text for so many bytes of memory."""
POSTING: Final = 64
"""A posting is held in memory for so many bytes of it."""
SHARDS: Final = "shards 1"
"""Goes into the names of shards; another number where another irloom could not read them."""


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts in UTF-8.

    Attributes:
        data: uint8 (bytes,).
        offsets: int64 (pieces n + 1,) where the pieces of the n documents begin in it.
        pieces: how many each has.
        hashes: gives uint64 (n,), the content hash of each document.
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    pieces: int
    hashes: Callable[[], NDArray[np.uint64]]


class BM25Part:
    """Builds the inverted index of a segment: a PartBuilder of the kind "bm25".

    The documents are cut into shards by the size of their text. A finished shard is an index of its own under `work`, named by the
    content of its documents, so that a build that was killed goes on where it was; in the end the shards are merged.

    Args:
        analyzer: how text becomes terms; the manifest keeps its configuration.
        memory: bytes that the build may take, besides what Python and its libraries do. The files do not depend on it.
    """

    def __init__(self, analyzer: Analyzer, *, memory: int = MEMORY) -> None:
        self.analyzer, self.memory = analyzer, memory

    @property
    def kind(self) -> str:
        return "bm25"

    @property
    def space(self) -> str:
        """Names the analysis: terms of another one cannot be looked up."""
        return f"bm25/{self.analyzer.fingerprint}"

    @property
    def fingerprint(self) -> str:
        return self.space

    @property
    def parameters(self) -> Mapping[str, Json]:
        return {"analyzer": cast(Mapping[str, Json], self.analyzer.parameters)}

    def build(self, documents: DocumentSource, folder: Path, *, work: Path, trained: Path, progress: Progress) -> None:
        """Writes the index of all documents into `folder`. Nothing is learnt, so `trained` stays as it is.

        Raises:
            CollectionError: there are more documents, terms or postings than one segment can hold.
        """
        check_size(len(documents), 0, 0)
        texts, counter = _texts_of(documents), TermCounter(self.analyzer)
        shards = list(blocks(texts.offsets[:: texts.pieces], max(1, self.memory // SHARE)))
        at_a_time = min(AT_A_TIME, self.memory // POSTING)
        if len(shards) <= 1:
            write_index(folder, _count(counter, texts, 0, len(documents), progress, len(documents)), progress, at_a_time=at_a_time)
            return
        hashes = texts.hashes()
        folders = []
        for start, stop in shards:
            key = blake2b(f"{SHARDS}/{self.space}".encode() + hashes[start:stop].tobytes(), digest_size=16).hexdigest()
            folders.append(work / key)
            if not folders[-1].exists():
                with _making(folders[-1]) as making:
                    write_index(making, _count(counter, texts, start, stop, progress, len(documents)), no_progress, at_a_time=at_a_time)
            progress("terms", stop, len(documents))
        del counter
        merge_indexes([(InvertedIndex(shard), None) for shard in folders], folder, progress, at_a_time=at_a_time)


def merge_bm25(
    sources: Sequence[PartSegment],
    folder: Path,
    *,
    parameters: Mapping[str, Json],
    trained: Path | None,
    retrained: Path,
    work: Path,
    progress: Progress,
) -> None:
    """Merges parts of kind "bm25": a MergePart. The text is not analysed again.

    Raises:
        Corrupt: a file is missing, truncated, or does not fit the others.
        CollectionError: there are more documents, terms or postings than one segment can hold.
    """
    del parameters, trained, retrained, work  # a MergePart is given more than this one reads
    merge_indexes([(InvertedIndex(source.folder), source.live) for source in sources], folder, progress)


@contextmanager
def _making(path: Path) -> Iterator[Path]:
    """A folder beside `path` that takes its name when the block ends well; else it is removed, so that a full disk is not kept full."""
    making = path.with_name("making")
    remove_tree(making)
    make_folder(making)
    try:
        yield making
        place_folder(making, path)
    except BaseException:
        remove_tree(making)
        raise


def _texts_of(documents: DocumentSource) -> _Texts:
    if isinstance(documents, TextStore):
        return _Texts(documents.data, documents.offsets, 2, lambda: documents.content_hashes)
    data, offsets = pack([document.full_text for document in documents])
    return _Texts(data, offsets, 1, lambda: np.fromiter(map(content_hash, documents), np.uint64, len(documents)))


def _count(counter: TermCounter, texts: _Texts, start: int, stop: int, progress: Progress, total: int) -> Counted:
    offsets = texts.offsets[start * texts.pieces : stop * texts.pieces + 1]
    return counter.count(texts.data, offsets, pieces=texts.pieces, seen=lambda done: progress("terms", start + done, total))
