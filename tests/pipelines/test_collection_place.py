"""Where collections are kept."""

from pathlib import Path

import pytest

from irloom.core.types import Document
from irloom.data.dataset import MemoryDataset
from irloom.pipelines.collection_place import collection_place, present
from irloom.pipelines.searcher import index_texts


def test_other_documents_have_another_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRLOOM_CACHE", str(tmp_path))
    first, second = (MemoryDataset("irds:beir/x/test", [Document("a", text)]) for text in ("one", "two"))
    assert collection_place(first) == tmp_path / "collections" / f"irds-beir-x-test-{first.fingerprint[:12]}"
    assert collection_place(second) != collection_place(first)


def test_documents_that_a_collection_lacks_are_passed_over() -> None:
    searcher = index_texts([Document("a", "one"), Document("b", "two")])
    assert [document.id for document in present(searcher.collection)(["b", "nowhere", "a"])] == ["b", "a"]
