"""Counts of values, against counting in plain Python."""

import math
import random
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.errors import BadValue, IrloomError, UnknownDocument, UnknownName
from irloom.core.types import Document, Filter, MetaValue
from irloom.indexing.collection import Collection
from irloom.indexing.column_merge import merge_columns
from irloom.indexing.facets import Facet, count_facet
from irloom.indexing.filtering import filters_of
from irloom.indexing.writer import CollectionWriter

DOCUMENTS = [
    Document("a", "t", meta={"lang": "en", "year": 2020, "tags": ("x", "y", "x")}),
    Document("b", "t", meta={"lang": "de", "year": 2020.0, "tags": ("y",)}),
    Document("c", "t", parent="a", meta={"lang": "en", "year": True}),
    Document("d", "t", meta={"lang": "fr", "year": 1}),
    Document("e", "t", meta={"year": "2020"}),
    Document("f", "t", meta={"lang": "de", "year": math.nan}),
]


@pytest.fixture(params=[6, 2])
def collection(request: pytest.FixtureRequest, tmp_path: Path) -> Collection:
    """One segment of six documents, or three of two, with a deleted document."""
    with CollectionWriter(tmp_path) as writer:
        writer.write_documents(DOCUMENTS[: request.param])
        for start in range(request.param, 6, request.param):
            writer.add(DOCUMENTS[start : start + request.param], {})
        writer.add([Document("g", "t", meta={"lang": "gone"})], {})
        writer.commit()
    with CollectionWriter(tmp_path) as writer:
        writer.delete(["g"])
        writer.commit()
    return Collection.open(tmp_path)


def test_worked_values(collection: Collection) -> None:
    assert count_facet(collection, "lang") == Facet("lang", (("de", 2), ("en", 2), ("fr", 1)), 3, 5, 6)
    assert count_facet(collection, "tags", top=1) == Facet("tags", (("y", 2),), 2, 2, 6)
    assert count_facet(collection, "parent") == Facet("parent", (("a", 1),), 1, 1, 6)
    assert count_facet(collection, "lang", top=0) == Facet("lang", (), 3, 5, 6)
    years = count_facet(collection, "year")
    assert [(repr(value), count) for value, count in years.counts if value == value] == [("2020", 2), ("True", 1), ("1", 1), ("'2020'", 1)]
    assert (years.distinct, years.documents, len(years.counts)) == (5, 6, 5)


def test_over_a_filter_and_over_hits(collection: Collection) -> None:
    assert count_facet(collection, "lang", where=Filter("year >= 2020")) == Facet("lang", (("de", 1), ("en", 1)), 2, 2, 2)
    assert count_facet(collection, "lang", doc_ids=["f", "e", "a", "f"]) == Facet("lang", (("de", 1), ("en", 1)), 2, 2, 3)
    assert count_facet(collection, "lang", where=Filter('id < "d"'), doc_ids=["a", "f"]) == Facet("lang", (("en", 1),), 1, 1, 1)
    assert count_facet(collection, "lang", doc_ids=[]) == Facet("lang", (), 0, 0, 0)


def test_what_cannot_be_counted(collection: Collection) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'lang'"):
        count_facet(collection, "long")
    with pytest.raises(BadValue, match="nearly every document has its own"):
        count_facet(collection, "id")
    with pytest.raises(BadValue, match="top is -1"):
        count_facet(collection, "lang", top=-1)
    with pytest.raises(UnknownDocument, match="'g'"):
        count_facet(collection, "lang", doc_ids=["a", "g"])


def test_plain_data(collection: Collection) -> None:
    assert count_facet(collection, "parent").to_json() == {
        "field": "parent",
        "documents": 1,
        "total": 6,
        "distinct": 1,
        "counts": [{"value": "a", "documents": 1}],
    }


VALUES: st.SearchStrategy[MetaValue] = st.sampled_from(["a", "b", "", "ü"]) | st.lists(st.sampled_from("abc"), max_size=3).map(tuple)


@given(st.lists(st.lists(st.none() | VALUES, min_size=1, max_size=6), min_size=1, max_size=3), st.integers(0, 3))
@settings(max_examples=15)
def test_texts_are_counted_exactly(segments: list[list[MetaValue | None]], top: int) -> None:
    documents = [
        [Document(f"{n}.{m}", "t", meta={} if value is None else {"x": value}) for m, value in enumerate(values)]
        for n, values in enumerate([["a"], *segments])
    ]
    with tempfile.TemporaryDirectory() as name:
        with CollectionWriter(name) as writer:
            writer.write_documents(documents[0])
            for later in documents[1:]:
                writer.add(later, {})
            writer.commit()
        found = count_facet(Collection.open(name), "x", top=top)
    everything = [document.meta.get("x", ()) for later in documents for document in later]
    sets = [set(value) if isinstance(value, tuple) else {value} for value in everything]
    counts = Counter(value for values in sets for value in values)
    assert list(found.counts) == sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:top]
    assert (found.distinct, found.documents, found.total) == (len(counts), sum(map(bool, sets)), len(sets))


def test_damaged_columns_give_our_errors(tmp_path: Path) -> None:
    """Any bytes in the files of the columns: filters and facets answer something or refuse, and merging does."""
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(DOCUMENTS)
        writer.commit()
    rng, folder, merged = random.Random(3), tmp_path / "c" / "segments" / "0", tmp_path / "merged"
    merged.mkdir()
    paths = sorted(folder.glob("columns*"))
    endings = Counter[str]()
    for _ in range(150):
        path = rng.choice(paths)
        whole = path.read_bytes()
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.unlink()  # what is mapped keeps its content
        path.write_bytes(damaged)
        try:
            collection = Collection.open(tmp_path / "c")
            filters = filters_of(collection)
            for text in ('lang in ("en", "de")', 'lang > "de"', 'lang startswith "f"', "year >= 2", '"x" in tags', "year == true"):
                filters.mask(Filter(text))
            for field in ("lang", "year", "tags"):
                count_facet(collection, field)
            merge_columns([(columns, None) for columns in filters.columns], merged)
            endings["answered"] += 1
        except IrloomError as error:
            endings[type(error).__name__] += 1
        path.unlink()
        path.write_bytes(whole)
    assert endings["Corrupt"] > 50
