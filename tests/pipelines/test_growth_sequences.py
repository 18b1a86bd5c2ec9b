"""Random sequences of add, update, delete, sync, compact against a dictionary: what is held, and the ranking of a rebuild."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import DuplicateDocument, UnknownDocument
from irloom.core.types import Document, Query
from irloom.data.dataset import MemoryDataset
from irloom.indexing.collection import Collection
from irloom.pipelines.build import bm25_request, build_collection
from irloom.pipelines.growing import add, compact, delete, update
from irloom.pipelines.syncing import sync
from irloom.pipelines.verifying import verify_collection
from irloom.retrievers.bm25 import BM25

IDS = st.sampled_from("abcdef")
TEXTS = st.lists(st.sampled_from(["ant", "bee", "cat", "dog"]), min_size=1, max_size=5).map(" ".join)
SOME = st.dictionaries(IDS, TEXTS, min_size=1, max_size=4)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["add", "update", "sync"]), SOME),
    st.tuples(st.just("delete"), st.sets(IDS, min_size=1, max_size=3)),
    st.tuples(st.just("compact"), st.none()),
)
QUERIES = [Query("q1", "ant"), Query("q2", "bee cat"), Query("q3", "dog dog ant")]


def documents(texts: dict[str, str]) -> list[Document]:
    return [Document(doc_id, text) for doc_id, text in texts.items()]


def ranked(path: Path) -> dict[str, list[tuple[str, float]]]:
    with Collection.open(path) as collection:
        run = BM25(collection, threads=1).retrieve(QUERIES, k=10)
        return {query.id: list(zip(run[query.id].doc_ids, run[query.id].scores.tolist(), strict=True)) for query in QUERIES}


def rebuilt(path: Path, held: dict[str, str]) -> dict[str, list[tuple[str, float]]]:
    return ranked(build_collection(path, MemoryDataset("x", documents(held)), [bm25_request("unicode")]).path)


def step(path: Path, held: dict[str, str], kind: str, what) -> dict[str, str]:
    """Does one step on the disk and returns what is held then."""
    if kind == "compact":
        compact(path)
    elif kind == "delete":
        if what <= held.keys():
            assert delete(path, sorted(what)).deleted == len(what)
            return {doc_id: text for doc_id, text in held.items() if doc_id not in what}
        with pytest.raises(UnknownDocument):
            delete(path, sorted(what))
    elif kind == "sync":
        sync(path, MemoryDataset("x", documents(what)))
        return dict(what)
    elif kind == "update":
        done = update(path, documents(what))
        assert (done.added, done.replaced) == (len(what.keys() - held.keys()), len(what.keys() & held.keys()))
        return {**held, **what}
    elif what.keys() & held.keys():
        with pytest.raises(DuplicateDocument):
            add(path, documents(what))
    else:
        assert add(path, documents(what)).added == len(what)
        return {**held, **what}
    return held


@settings(max_examples=12)
@given(first=SOME, steps=st.lists(STEPS, min_size=1, max_size=6))
def test_a_grown_collection_is_what_a_rebuilt_one_is(tmp_path_factory, first, steps) -> None:
    root, held = tmp_path_factory.mktemp("sequence"), dict(first)
    path = build_collection(root / "grown", MemoryDataset("x", documents(first)), [bm25_request("unicode")]).path
    for kind, what in steps:
        held = step(path, held, kind, what)
        with Collection.open(path) as collection:
            assert {document.id: document.text for document in collection.documents()} == held
            assert len(collection) == len(held)
    assert not verify_collection(path).damage
    if held:
        assert ranked(path) == rebuilt(root / "rebuilt", held)
