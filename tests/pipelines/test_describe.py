"""What a collection says of itself."""

import pytest

from irloom.core.errors import Corrupt, NotACollection
from irloom.core.types import Document
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.build import bm25_request
from irloom.pipelines.describe import describe_collection


@pytest.fixture
def collection(tmp_path):
    root = tmp_path / "collection"
    with CollectionWriter(root) as writer:
        writer.write_documents([Document("a", "one text"), Document("b", "another")], source={"dataset": "two"})
        request = bm25_request("english")
        writer.build(request.name, request.builder)
        writer.commit()
    return root


def test_counts_bytes_and_parts(collection) -> None:
    found = describe_collection(collection)
    assert (found.documents, found.generation, found.source) == (2, 1, {"dataset": "two"})
    assert found.bytes == sum(path.stat().st_size for path in collection.glob("segments/**/*") if path.is_file())
    (part,) = found.parts
    assert (part.name, part.kind) == ("bm25", "bm25")
    assert 0 < part.bytes < found.bytes
    assert found.rows()[0][:2] == ["bm25", "bm25"]
    assert found.rows()[0][-1] == "analyzer english"
    assert found.to_json()["documents"] == 2


def test_nothing_and_damage(collection, tmp_path) -> None:
    with pytest.raises(NotACollection):
        describe_collection(tmp_path / "none")
    next(path for path in sorted(collection.glob("segments/**/*")) if path.is_file()).unlink()
    with pytest.raises(Corrupt, match="missing"):
        describe_collection(collection)


def test_a_grown_collection(collection) -> None:
    from irloom.pipelines.growing import add, delete

    add(collection, [Document("c", "third"), Document("d", "fourth")])
    delete(collection, ["a"])
    found = describe_collection(collection)
    assert (found.documents, found.deleted, found.generation) == (3, 1, 3)
    assert [(segment.name, segment.documents, segment.deleted) for segment in found.segments] == [("0", 2, 1), ("1", 2, 0)]
    folders = ("segments", "deleted", "ranks")
    assert found.bytes == sum(path.stat().st_size for name in folders for path in (collection / name).rglob("*") if path.is_file())
    assert found.parts[0].bytes < sum(segment.bytes for segment in found.segments) < found.bytes
    assert "3 documents and 1 deleted of two, changed since" in found.summary()
