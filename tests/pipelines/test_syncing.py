"""A collection as the mirror of a dataset: random edits, and only what changed is written."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import DataError, DuplicateDocument, NotACollection
from irloom.core.types import Document
from irloom.data.dataset import MemoryDataset
from irloom.data.text_folder import TextFolder
from irloom.indexing.collection import Collection
from irloom.indexing.manifest import read_manifest
from irloom.pipelines.build import bm25_request, build_collection
from irloom.pipelines.growing import add
from irloom.pipelines.syncing import sync

TEXTS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["cat", "dog", "", "eel fox"]), min_size=1)


def dataset(texts: dict[str, str], **meta: object) -> MemoryDataset:
    return MemoryDataset("letters", [Document(name, text, meta=dict(meta)) for name, text in texts.items()])


def held(path: Path) -> dict[str, Document]:
    with Collection.open(path) as collection:
        return {document.id: document for document in collection.documents()}


@settings(max_examples=20)
@given(first=TEXTS, later=st.lists(TEXTS, min_size=1, max_size=3))
@pytest.mark.filterwarnings("ignore::UserWarning")  # of documents without text
def test_it_holds_what_the_dataset_holds(tmp_path_factory, first, later) -> None:
    path = build_collection(tmp_path_factory.mktemp("sync") / "c", dataset(first), [bm25_request("unicode")]).path
    before = first
    for texts in later:
        expected = (
            len(texts.keys() - before.keys()),
            sum(texts[name] != before[name] for name in texts.keys() & before.keys()),
            len(before.keys() - texts.keys()),
            sum(texts[name] == before[name] for name in texts.keys() & before.keys()),
        )
        told = sync(path, dataset(texts), dry_run=True)
        done = sync(path, dataset(texts))
        for grown in (told, done):
            assert (grown.added, grown.replaced, grown.deleted, grown.unchanged) == expected
            assert grown.documents == len(texts)
        assert {name: document.text for name, document in held(path).items()} == texts
        before = texts


def test_nothing_changed_commits_nothing(tmp_path) -> None:
    source = dataset({"a": "cat", "b": "dog"})
    path = build_collection(tmp_path / "c", source, [bm25_request("unicode")]).path
    before = (path / "manifest.json").read_bytes()
    assert sync(path, source).unchanged == 2
    assert (path / "manifest.json").read_bytes() == before
    assert sync(path, dataset({"a": "cat", "b": "cow"}), dry_run=True).replaced == 1
    assert (path / "manifest.json").read_bytes() == before


def test_any_field_counts(tmp_path) -> None:
    path = build_collection(tmp_path / "c", dataset({"a": "cat"}), [bm25_request("unicode")]).path
    assert sync(path, dataset({"a": "cat"}, year=2020)).replaced == 1
    assert held(path)["a"].meta == {"year": 2020}
    assert sync(path, dataset({"a": "cat"}, year=2020)).unchanged == 1


def test_a_grown_collection_becomes_the_dataset_again(tmp_path) -> None:
    source = dataset({"a": "cat"})
    path = build_collection(tmp_path / "c", source, [bm25_request("unicode")]).path
    add(path, [Document("z", "zebra")])
    assert sync(path, source).deleted == 1
    assert read_manifest(path).source == {"dataset": "letters", "fingerprint": source.fingerprint}
    assert build_collection(path, source, [bm25_request("english")]).made == ("bm25",)


def test_a_folder_of_texts(tmp_path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in ("one.md", "two.txt", "three.md"):
        (notes / name).write_text(f"# {name}\n\nsome words\n")
    path = build_collection(tmp_path / "c", TextFolder("notes", notes), [bm25_request("english")]).path
    (notes / "one.md").unlink()
    (notes / "two.txt").write_text("other words")
    (notes / "four.txt").write_text("new words")
    done = sync(path, notes)
    assert (done.added, done.replaced, done.deleted, done.unchanged) == (1, 1, 1, 1)
    assert set(held(path)) == {"two.txt", "three.md", "four.txt"}


def test_what_is_refused_changes_nothing(tmp_path) -> None:
    path = build_collection(tmp_path / "c", dataset({"a": "cat"}), [bm25_request("unicode")]).path
    before = (path / "manifest.json").read_bytes()
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError):  # such as a folder that is not mounted
        sync(path, tmp_path / "empty")
    twice = MemoryDataset("letters", [Document("a", "cat"), Document("a", "cat")])
    with pytest.raises(DuplicateDocument, match="'a'"):
        sync(path, twice)
    with pytest.raises(NotACollection):
        sync(tmp_path / "none", dataset({"a": "cat"}))
    assert not (tmp_path / "none").exists()
    assert (path / "manifest.json").read_bytes() == before
