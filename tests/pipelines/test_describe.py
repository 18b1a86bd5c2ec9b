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
    assert found.to_json()["documents"] == 2


def test_nothing_and_damage(collection, tmp_path) -> None:
    with pytest.raises(NotACollection):
        describe_collection(tmp_path / "none")
    next(path for path in sorted(collection.glob("segments/**/*")) if path.is_file()).unlink()
    with pytest.raises(Corrupt, match="missing"):
        describe_collection(collection)
