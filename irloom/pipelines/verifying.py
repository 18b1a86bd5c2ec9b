"""Whether a collection is what was written, and whether its pieces fit each other: what `irloom verify` looks at."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np

from irloom.core.errors import Corrupt, IrloomError
from irloom.core.files import Progress, no_progress
from irloom.indexing.collection import Collection
from irloom.indexing.filtering import filters_of
from irloom.indexing.manifest import read_manifest
from irloom.indexing.parts import PartView
from irloom.indexing.snapshot_ids import SnapshotIds

_AT_A_TIME = 1 << 16
_LINES = 20
"""Findings of one kind that are told."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found.

    Attributes:
        files, bytes: what the manifest names.
        documents: without the deleted ones.
        segments: how many.
        damage: a line each; none where all is sound.
    """

    files: int
    bytes: int
    documents: int
    segments: int
    damage: tuple[str, ...]


def verify_collection(path: str | Path, *, progress: Progress = no_progress) -> Verified:
    """Reads every byte of a collection; where the checksums hold, also whether ids are unique, ranks in order, and parts fit the text.

    Raises:
        NotACollection: there is none at `path`.
        FormatMismatch: its format is of a version that is not known yet.
    """
    root = Path(path)
    try:
        manifest = read_manifest(root)
    except Corrupt as error:
        return Verified(0, 0, 0, 0, (str(error),))
    damage = manifest.damage(root, progress=progress)
    if not damage:
        try:
            with Collection.open(root) as collection:
                _ = filters_of(collection).kinds  # opens the metadata columns of every segment
                damage = [*_id_damage(collection.ids, progress), *_part_damage(collection)]
        except Corrupt as error:
            damage = [str(error)]
    size = sum(record.bytes for record in manifest.files.values())
    return Verified(len(manifest.files), size, manifest.documents, len(manifest.segments), tuple(damage))


def _id_damage(ids: SnapshotIds, progress: Progress) -> Iterator[str]:
    """Live documents whose id another one has too, and ranks that are not the order of the ids."""
    total, twice = len(ids), 0
    if not np.array_equal(np.sort(ids.rank), np.arange(total)):
        yield f"ranks: not each number from 0 to {total - 1:,} once"
        return
    order = np.argsort(ids.rank).astype(np.int64)
    before: bytes | None = None
    for start in range(0, total, _AT_A_TIME):
        positions = order[start : start + _AT_A_TIME]
        names = ids.ids(positions)
        keys = [name.encode("utf-8", "surrogatepass") for name in names]
        if any(left < right for left, right in pairwise(keys if before is None else [before, *keys])):
            yield f"ranks: the ids from rank {start:,} on are not in descending order"
            return
        before = keys[-1]
        live = np.ones(len(positions), np.bool_) if ids.live is None else ids.live[positions]
        for place in np.flatnonzero((ids.positions(names) != positions) & live).tolist():
            twice += 1
            if twice <= _LINES:
                where = f"its document at position {positions[place]:,}"
                yield f"ids: {names[place]!r} does not lead to {where}; another one has it, or it is not found"
        progress("ids", min(start + _AT_A_TIME, total), total)


def _part_damage(collection: Collection) -> Iterator[str]:
    """Parts that cannot be opened, or have another number of documents than the text."""
    for name in sorted(collection.parts):
        part = collection.part(name)
        try:
            _open_part(part)
        except IrloomError as error:
            yield f"part {name!r}: {error}"


def _open_part(part: PartView) -> None:
    """Opens a part's files, which checks that they fit each other and the documents.

    Raises:
        Corrupt: they do not.
    """
    if part.kind == "bm25":
        from irloom.indexing.inverted import InvertedIndex

        for segment in part.segments:
            found = InvertedIndex(segment.folder).documents
            if found != segment.documents:
                raise Corrupt(segment.folder, f"postings of {found:,} documents, expected {segment.documents:,}")
    elif part.kind == "dense":
        _open_dense(part)
    elif part.kind == "minhash":
        from irloom.indexing.minhash_part import MinHashIndex

        MinHashIndex(part.segments)


def _open_dense(part: PartView) -> None:
    from irloom.indexing.token_store import TokenStore, token_space
    from irloom.indexing.vectors import Vectors

    if not part.segments:
        return
    Vectors.open(part)
    if token_space(part) is not None:
        TokenStore.open(part)
    if part.parameters.get("faiss") is not None and find_spec("faiss") is not None:
        from irloom.indexing.ann import open_index

        open_index(part)
