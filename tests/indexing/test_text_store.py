"""The text of a segment: what is written is read, in bulk or one by one; segments merge into what one would have been."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irloom.core.errors import Corrupt, DataError, DuplicateDocument
from irloom.core.files import no_progress
from irloom.core.types import Document
from irloom.indexing import text_store
from irloom.indexing.content_hash import content_hash
from irloom.indexing.text_store import TextStore, merge_text, write_documents

_TEXT = st.text(st.sampled_from("ab \n\0é\ud800漢"), max_size=12)
_VALUES = st.one_of(st.integers(-3, 3), _TEXT, st.tuples(_TEXT, _TEXT))
_META = st.dictionaries(st.sampled_from(["year", "lang", "tags"]), _VALUES, max_size=2)
_DOCUMENT = st.builds(
    Document,
    id=st.text(st.sampled_from("abé"), min_size=1, max_size=5),
    text=_TEXT,
    title=_TEXT,
    images=st.sampled_from([(), (Path("a/b.png"),)]),
    parent=st.sampled_from(["", "p"]),
    span=st.sampled_from([None, (0, 0), (2, 9)]),
    meta=_META,
)
_DOCUMENTS = st.lists(_DOCUMENT, min_size=1, max_size=20, unique_by=lambda document: document.id)
_FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def store(folder: Path, documents: list[Document]) -> TextStore:
    folder.mkdir(exist_ok=True)
    (folder / "work").mkdir(exist_ok=True)
    assert write_documents(folder, documents, no_progress, work=folder / "work") == len(documents)
    return TextStore(folder)


@_FEW
@given(documents=_DOCUMENTS)
def test_what_is_written_is_read(tmp_path: Path, documents: list[Document]) -> None:
    texts = store(tmp_path, documents)
    assert list(texts) == documents
    places = np.arange(len(documents))[::-1]
    assert texts.documents(places) == documents[::-1]
    assert texts.documents(np.empty(0, np.int64)) == []
    assert texts.content_hashes.tolist() == [content_hash(document) for document in documents]


@_FEW
@given(documents=_DOCUMENTS, data=st.data())
def test_merged_segments_are_one_segment(tmp_path: Path, documents: list[Document], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(documents)))
    sources, kept = [], []
    for name, part in (("first", documents[:cut]), ("second", documents[cut:])):
        if part:
            store(tmp_path / name, part)
            live = np.array(data.draw(st.lists(st.booleans(), min_size=len(part), max_size=len(part))), np.bool_)
            sources.append((tmp_path / name, None if live.all() else live))
            kept += [document for document, alive in zip(part, live.tolist(), strict=True) if alive]
    if not kept:
        return
    (tmp_path / "merged").mkdir(exist_ok=True)
    assert merge_text(sources, tmp_path / "merged", no_progress) == len(kept)
    assert list(TextStore(tmp_path / "merged")) == kept
    store(tmp_path / "once", kept)
    for path in (tmp_path / "once").iterdir():
        if path.is_file():
            assert (tmp_path / "merged" / path.name).read_bytes() == path.read_bytes(), path.name


def test_small_blocks_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [Document(f"d{place}", "x" * place, meta={"n": place}) for place in range(50)]
    monkeypatch.setattr(text_store, "BLOCK_BYTES", 60)
    store(tmp_path / "whole", documents)
    monkeypatch.setattr(text_store, "EVERY", 7)
    monkeypatch.setattr(text_store, "COLUMN_BLOCKS", 2)
    texts = store(tmp_path / "a", documents)
    assert not list((tmp_path / "a" / "work").iterdir())
    for path in (tmp_path / "whole").iterdir():
        if path.is_file():
            assert (tmp_path / "a" / path.name).read_bytes() == path.read_bytes(), path.name
    assert list(texts) == documents
    (tmp_path / "b").mkdir()
    merge_text([(tmp_path / "a", np.arange(50) % 3 > 0)], tmp_path / "b", no_progress)
    assert list(TextStore(tmp_path / "b")) == [document for place, document in enumerate(documents) if place % 3]


def test_hashes_of_a_segment_that_lacks_them(tmp_path: Path) -> None:
    documents = [Document(f"d{place}", "text", meta={"n": place}) for place in range(5)]
    store(tmp_path, documents)
    (tmp_path / "content_hashes.npy").unlink()
    assert TextStore(tmp_path).content_hashes.tolist() == [content_hash(document) for document in documents]


def test_bad_documents_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="document 2 has an empty id"):
        store(tmp_path, [Document("a", ""), Document("", "")])
    with pytest.raises(DataError, match="empty"):
        store(tmp_path, [])
    with pytest.raises(DuplicateDocument, match="documents 1 and 3"):
        store(tmp_path, [Document("a", ""), Document("b", ""), Document("a", "")])


@pytest.mark.parametrize("name", ["ids.bytes", "text.bytes", "meta.bytes", "text_offsets.npy", "meta_offsets.npy", "content_hashes.npy"])
def test_a_file_of_another_segment_is_found(tmp_path: Path, name: str) -> None:
    store(tmp_path / "a", [Document("a", "b", meta={"n": 1}), Document("b", "c")])
    store(tmp_path / "b", [Document("a", "b", meta={"n": 10}), Document("b", "cc"), Document("d", "")])
    (tmp_path / "b" / name).replace(tmp_path / "a" / name)
    with pytest.raises(Corrupt):
        _ = TextStore(tmp_path / "a").content_hashes


@pytest.mark.parametrize(("name", "data"), [("ids", b"\xff"), ("text", b"\xff" * 11), ("meta", b"[" * 15), ("meta", b'["no fields"]  ')])
def test_content_that_cannot_be_read_is_damage(tmp_path: Path, name: str, data: bytes) -> None:
    store(tmp_path, [Document("a", "some texts", "!", meta={"a": 1})])
    path = tmp_path / f"{name}.bytes"
    path.write_bytes(data)
    if name == "meta":
        np.save(tmp_path / "meta_offsets.npy", np.array([0, 15]))
    with pytest.raises(Corrupt, match=rf"{name}\.bytes: its content has changed and cannot be read"):
        list(TextStore(tmp_path))
