"""A collection that grows by commands of its own: what is done, what is refused, and that refusals change nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import (
    BadValue,
    CollectionError,
    DataError,
    DuplicateDocument,
    Locked,
    NotACollection,
    SpaceMismatch,
    UnknownDocument,
    UnknownName,
)
from irloom.core.types import Document
from irloom.data.dataset import MemoryDataset
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import read_manifest
from irloom.indexing.writer import CollectionWriter
from irloom.pipelines.build import PartRequest, bm25_request, build_collection
from irloom.pipelines.growing import add, compact, delete, update
from tests.fakes import FakeEncoder


def documents(*texts: str, start: int = 0) -> list[Document]:
    return [Document(f"d{start + place}", text) for place, text in enumerate(texts)]


def held(path: Path) -> dict[str, str]:
    with Collection.open(path) as collection:
        return {document.id: document.text for document in collection.documents()}


def state(path: Path) -> bytes:
    return (path / "manifest.json").read_bytes()


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Three documents, words for BM25."""
    dataset = MemoryDataset("animals", documents("the cat sat", "a dog barks", "fish swim"))
    return build_collection(tmp_path / "animals-indexed", dataset, [bm25_request("english")]).path


def test_add_update_delete_compact(collection) -> None:
    grown = add(collection, documents("birds sing", start=3))
    assert (grown.documents, grown.segments, grown.added) == (4, 2, 1)
    grown = update(collection, [Document("d0", "the cat slept"), Document("d9", "a new one")])
    assert (grown.documents, grown.segments, grown.added, grown.replaced) == (5, 3, 1, 1)
    grown = delete(collection, ["d1", "d3", "d1"])
    assert (grown.documents, grown.deleted, grown.unchanged) == (3, 2, 0)
    assert held(collection) == {"d2": "fish swim", "d0": "the cat slept", "d9": "a new one"}
    done = compact(collection)
    assert (done.merged, done.documents, done.dropped) == (3, 3, 3)
    assert done.bytes < done.bytes_before
    assert held(collection) == {"d2": "fish swim", "d0": "the cat slept", "d9": "a new one"}
    assert compact(collection).merged == 0


def test_a_file_is_added(collection, tmp_path) -> None:
    (tmp_path / "more.jsonl").write_text(json.dumps({"_id": "e1", "text": "an owl"}) + "\n")
    assert add(collection, tmp_path / "more.jsonl").added == 1
    assert held(collection)["e1"] == "an owl"


def test_an_id_that_is_there_is_refused(collection) -> None:
    before = state(collection)
    with pytest.raises(DuplicateDocument, match="'d1'"):
        add(collection, [Document("e1", "new"), Document("d1", "old")])
    with pytest.raises(DuplicateDocument, match="'e1'"):
        update(collection, [Document("e1", "new"), Document("e1", "newer")])
    assert state(collection) == before


def test_an_id_that_was_deleted_can_be_added_again(collection) -> None:
    delete(collection, ["d1"])
    add(collection, [Document("d1", "another dog")])
    assert held(collection)["d1"] == "another dog"


def test_an_unknown_id_is_refused_or_passed_over(collection) -> None:
    before = state(collection)
    with pytest.raises(UnknownDocument, match=r"'x'.*2 of 3 ids are not there; nothing was deleted"):
        delete(collection, ["x", "d1", "y"])
    assert state(collection) == before
    grown = delete(collection, ["x", "d1", "y"], missing="ignore")
    assert (grown.deleted, grown.unchanged) == (1, 2)


def test_deleting_nothing_commits_nothing(collection) -> None:
    before = state(collection)
    assert delete(collection, ["x"], missing="ignore").deleted == 0
    assert state(collection) == before


def test_everything_deleted_and_added_again(collection) -> None:
    assert delete(collection, ["d0", "d1", "d2"]).documents == 0
    assert compact(collection).documents == 0
    assert held(collection) == {}
    assert add(collection, documents("a cat")).documents == 1
    assert held(collection) == {"d0": "a cat"}


@pytest.mark.parametrize("grow", [add, update])
def test_what_is_refused_before_anything_is_written(grow, collection, tmp_path) -> None:
    before = state(collection)
    with pytest.raises(NotACollection):
        grow(tmp_path / "none", documents("a cat"))
    assert not (tmp_path / "none").exists()
    with pytest.raises(DataError):
        grow(collection, [])
    with pytest.raises(DataError, match=r"no\.jsonl"):
        grow(collection, tmp_path / "no.jsonl")
    with pytest.raises(BadValue, match=r"documents\[1\]"):
        grow(collection, [Document("e", "x"), "a text"])
    with pytest.raises(UnknownName, match="'dense-x'"):
        grow(collection, documents("x"), encoders={"dense-x": FakeEncoder()})
    assert state(collection) == before


def test_delete_wants_a_list(collection) -> None:
    with pytest.raises(BadValue, match="a list of ids"):
        delete(collection, "d1")
    with pytest.raises(BadValue, match="missing"):
        delete(collection, ["d1"], missing="perhaps")
    with pytest.raises(BadValue, match="an id of doc_ids is 5"):
        delete(collection, ["d1", 5])
    assert delete(collection, {"d1"}).deleted == 1
    assert delete(collection, (name for name in ("d0", "d0"))).deleted == 1


def test_one_writer(collection) -> None:
    with CollectionWriter(collection), pytest.raises(Locked, match="locked by process"):
        add(collection, documents("x", start=7))


def test_the_source_is_no_longer_that_of_the_dataset(collection) -> None:
    add(collection, documents("x", start=7))
    assert read_manifest(collection).source == {"dataset": "animals", "changed": True}
    with pytest.raises(CollectionError, match="has changed since"):
        build_collection(collection, MemoryDataset("animals", documents("the cat sat")), [bm25_request("unicode")])
    assert build_collection(collection, None, [bm25_request("unicode")]).made == ("bm25-unicode",)


def test_a_new_part_is_built_over_what_is_not_deleted(collection) -> None:
    add(collection, documents("birds sing", start=3))
    delete(collection, ["d1"])
    built = build_collection(collection, None, [bm25_request("unicode")])
    assert (built.documents, built.made, built.compacted) == (3, ("bm25-unicode",), True)
    assert len(read_manifest(collection).segments) == 1
    assert build_collection(collection, None, [bm25_request("unicode")]).compacted is False


class TestDense:
    """Dense parts need the encoder that made them."""

    @pytest.fixture
    def dense(self, collection: Path) -> Path:
        from irloom.indexing.dense_part import DensePart

        encoder = FakeEncoder(name="fake model")
        del encoder.model  # the part names no model then
        return build_collection(collection, None, [PartRequest("dense-fake", DensePart(encoder))]).path

    def test_told_before_anything_is_written(self, dense) -> None:
        before = state(dense)
        with pytest.raises(CollectionError, match=r"--vectors dense-fake=FILE\.npy, or the model with --encoder dense-fake=MODEL"):
            add(dense, documents("x", start=7))
        with pytest.raises(SpaceMismatch, match="dense-fake"):
            add(dense, documents("x", start=7), encoders={"dense-fake": FakeEncoder(dim=8)})
        assert state(dense) == before

    def test_deleted_documents_need_no_vectors(self, collection, tmp_path) -> None:
        from irloom.pipelines.build import index_vectors

        delete(collection, ["d1"])
        np.save(tmp_path / "v.npy", np.eye(2, dtype=np.float32))
        (tmp_path / "v.ids").write_text("d0\nd2\n")
        assert index_vectors(collection, vectors=tmp_path / "v.npy").made == ("dense-v",)

    def test_with_its_encoder(self, dense) -> None:
        encoder = FakeEncoder(name="fake model")
        add(dense, documents("birds sing", start=7), encoders={"dense-fake": encoder})
        assert encoder.encoded == 1

    def test_with_vectors(self, dense, tmp_path) -> None:
        np.save(tmp_path / "new.npy", FakeEncoder().encode_texts(["birds sing"]))
        (tmp_path / "new.ids").write_text("d7\n")
        add(dense, documents("birds sing", start=7), encoders={"dense-fake": tmp_path / "new.npy"})
        assert held(dense)["d7"] == "birds sing"
        before = state(dense)
        with pytest.raises(DataError, match="no vector for document 'd8'"):
            add(dense, documents("a fox", start=8), encoders={"dense-fake": tmp_path / "new.npy"})
        assert state(dense) == before

    def test_a_model_that_cannot_be_had(self, collection) -> None:
        from irloom.indexing.dense_part import DensePart

        encoder = FakeEncoder(name="no such model here")
        build_collection(collection, None, [PartRequest("dense-gone", DensePart(encoder))])
        before = state(collection)
        with pytest.raises(CollectionError, match=r"model of part 'dense-gone' cannot be had; name .* --encoder dense-gone=MODEL"):
            add(collection, documents("x", start=7))
        assert state(collection) == before

    def test_another_fingerprint_is_warned_of(self, dense, caplog) -> None:
        add(dense, documents("x", start=7), encoders={"dense-fake": FakeEncoder(name="fake model", length=3)})
        assert "is added to as fake model:24:3" in caplog.text

    def test_what_was_encoded_before_a_stop_is_not_encoded_again(self, dense) -> None:
        class Stopping(FakeEncoder):
            def encode_documents(self, documents):
                if self.encoded >= 512:
                    raise KeyboardInterrupt
                return super().encode_documents(documents)

        many = [Document(f"m{place}", f"text {place % 7}") for place in range(600)]
        with pytest.raises(KeyboardInterrupt):
            add(dense, many, encoders={"dense-fake": Stopping(name="fake model")})
        assert len(held(dense)) == 3
        encoder = FakeEncoder(name="fake model")
        assert add(dense, many, encoders={"dense-fake": encoder}).documents == 603
        assert encoder.encoded == 600 - 512
