"""Tables of hashes beside a manifest: small, and enough to say which document, query or judgment has changed."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.types import Document, Qrels, Query

ROWS = 1 << 18
"""Rows of a table at most: 4 MB. What has more items than that is hashed in blocks of neighbours."""

Item = tuple[str, bytes]
"""An id and all that belongs to it."""


@dataclass(frozen=True, slots=True)
class ContentChanges:
    """What is not as it was: ids, or for a table of blocks the ids between which something changed.

    Attributes:
        changed: ids whose content differs; in a table of blocks "from ID, 40 in a row".
        added: ids that were not there.
        removed: how many ids are gone; their names are not in the table.
    """

    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: int

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)


def documents_items(documents: Iterable[Document]) -> Iterator[Item]:
    """Each document's id with all its fields."""
    for document in documents:
        images = [str(image) for image in document.images]
        rest = (images, document.parent, document.span, sorted(document.meta.items()))
        yield document.id, _joined(document.title, document.text, repr(rest))


def queries_items(queries: Iterable[Query]) -> Iterator[Item]:
    """Each query's id with all its fields."""
    for query in queries:
        yield query.id, _joined(query.text, repr((query.turns, query.images, query.where, query.at)))


def qrels_items(qrels: Qrels) -> Iterator[Item]:
    """Each judged query's id with its judgments."""
    for query_id, row in qrels.items():
        yield query_id, _joined(*(f"{doc_id} {grade}" for doc_id, grade in sorted(row.items())))


def hash_table(items: Iterable[Item], *, count: int) -> NDArray[np.uint64]:
    """uint64 (rows, 2): the hash of an id, or of a block's first one, and the hash of what belongs to it.

    Args:
        items: in their order.
        count: how many they are; more than `ROWS` share rows.
    """
    block = block_size(count)
    table = np.zeros((-(-count // block) if count else 0, 2), np.uint64)
    digest = hashlib.blake2b(digest_size=8)
    for place, (identity, content) in enumerate(items):
        if place % block == 0:
            digest = hashlib.blake2b(digest_size=8)
            table[place // block, 0] = _number(hashlib.blake2b(_bytes(identity), digest_size=8))
        digest.update(_joined(identity) + len(content).to_bytes(8, "little") + content)
        if place % block == block - 1 or place == count - 1:
            table[place // block, 1] = _number(digest)
    return table


def block_size(count: int) -> int:
    """How many neighbours share a row."""
    return max(1, -(-count // ROWS))


def content_changes(old: NDArray[np.uint64], items: Iterable[Item], *, old_count: int, count: int) -> ContentChanges:
    """What has changed since the table `old` of `old_count` items was made; `items` are the `count` that are there now."""
    ids: list[str] = []
    new, block = hash_table(_noting(items, ids), count=count), block_size(count)
    if block_size(old_count) != block:
        return ContentChanges((f"{old_count:,} of them became {count:,}",), (), 0)
    if block > 1:
        return _block_changes(old, new, ids, block)
    before = dict(old.tolist())
    changed, added = [], []
    for identity, (key, value) in zip(ids, new.tolist(), strict=True):
        if key not in before:
            added.append(identity)
        elif before[key] != value:
            changed.append(identity)
    gone = set(before) - set(new[:, 0].tolist())
    return ContentChanges(tuple(changed), tuple(added), len(gone))


def _noting(items: Iterable[Item], ids: list[str]) -> Iterator[Item]:
    for item in items:
        ids.append(item[0])
        yield item


def _block_changes(old: NDArray[np.uint64], new: NDArray[np.uint64], ids: list[str], block: int) -> ContentChanges:
    shared = min(len(old), len(new))
    rows = np.flatnonzero((old[:shared] != new[:shared]).any(axis=1)).tolist()
    changed = tuple(f"{ids[row * block]!r} and the {min(block, len(ids) - row * block) - 1} after it" for row in rows)
    return ContentChanges(changed, tuple(ids[shared * block :]), max(0, len(old) - len(new)) * block)


def _joined(*parts: str) -> bytes:
    return b"".join(len(data := _bytes(part)).to_bytes(8, "little") + data for part in parts)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _number(digest: "hashlib.blake2b") -> int:
    return int.from_bytes(digest.digest(), "little")
