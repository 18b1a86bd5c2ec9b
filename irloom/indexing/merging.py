"""How parts of several segments become one: the table of what merges each kind."""

from importlib import import_module
from typing import Final, cast

from irloom.core.errors import CollectionError
from irloom.indexing.parts import MergePart

MERGES: Final = {
    "bm25": "irloom.indexing.bm25_part:merge_bm25",
    "dense": "irloom.indexing.dense_part:merge_dense",
    "minhash": "irloom.indexing.minhash_part:merge_minhash",
}
"""kind -> "module:function"."""


def merge_of(kind: str) -> MergePart:
    """What merges parts of a kind.

    Raises:
        CollectionError: nothing does.
    """
    if kind not in MERGES:
        raise CollectionError(
            f"parts of kind {kind!r} cannot be merged; known: {', '.join(sorted(MERGES))}. Drop the part and build it again"
        )
    module, _, name = MERGES[kind].partition(":")
    return cast(MergePart, getattr(import_module(module), name))
