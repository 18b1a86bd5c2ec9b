"""The hash of a document's content."""

from pathlib import Path

from irloom.core.types import Document
from irloom.indexing.content_hash import content_hash


def test_the_hash_knows_every_field_but_not_the_order_of_metadata() -> None:
    whole = Document("a", "b", "c", (Path("d"),), "e", (1, 2), {"x": 1, "y": ("z",)})
    others = [
        Document("A", "b", "c", (Path("d"),), "e", (1, 2), whole.meta),
        Document("a", "B", "c", (Path("d"),), "e", (1, 2), whole.meta),
        Document("a", "b", "C", (Path("d"),), "e", (1, 2), whole.meta),
        Document("a", "b", "c", (Path("D"),), "e", (1, 2), whole.meta),
        Document("a", "b", "c", (Path("d"),), "E", (1, 2), whole.meta),
        Document("a", "b", "c", (Path("d"),), "e", (1, 3), whole.meta),
        Document("a", "b", "c", (Path("d"),), "e", (1, 2), {"x": "1", "y": ("z",)}),
        Document("ab", "", "c", (Path("d"),), "e", (1, 2), whole.meta),
    ]
    assert len({content_hash(document) for document in [whole, *others]}) == 9
    assert content_hash(Document("a", "b", "c", (Path("d"),), "e", (1, 2), {"y": ("z",), "x": 1})) == content_hash(whole)


def test_the_hash_is_the_same_for_ever() -> None:
    # BLAKE2b of 8 bytes over the three lengths as little-endian uint64, then id, title and text
    assert content_hash(Document("a", "text", "title")) == 14_765_595_693_865_755_092
