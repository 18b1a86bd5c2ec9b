"""Filters over a growing collection: masks by position, what is refused, and groups of queries."""

import gc
import shutil
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from irloom.core.errors import BadValue, UnknownName
from irloom.core.types import Document, Filter, Query
from irloom.indexing import filtering
from irloom.indexing.collection import Collection
from irloom.indexing.filtering import filter_groups, filters_of
from irloom.indexing.writer import CollectionWriter
from tests.indexing.filter_truth import holds

GOLDEN = Path(__file__).parent.parent / "golden" / "v1"
FIRST = [
    Document("a", "t", "Alpha", meta={"lang": "en", "year": 2019, "tags": ("x", "y")}),
    Document("b", "t", meta={"lang": "de", "year": 2021}),
    Document("c", "t", parent="a", meta={"lang": "en"}),
]
SECOND = [Document("d", "t", "Delta", meta={"lang": "fr", "year": 2021.5, "open": True}), Document("e", "t", meta={"year": "unknown"})]
FILTERS = [
    'lang == "en"',
    "year > 2020",
    "not lang exists",
    'id >= "b" and not title exists',
    'year == "unknown" or open == true',
    'parent == "a"',
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with CollectionWriter(tmp_path / "c") as writer:
        writer.write_documents(FIRST)
        writer.commit()
    with CollectionWriter(tmp_path / "c") as writer:
        writer.add(SECOND, {})
        writer.delete(["b"])
        writer.commit()
    return tmp_path / "c"


@pytest.mark.parametrize("text", FILTERS)
def test_masks_over_segments_leave_deleted_documents_out(path: Path, text: str) -> None:
    where = Filter(text)
    expected = [document.id != "b" and holds(where.condition, document) for document in [*FIRST, *SECOND]]
    assert filters_of(Collection.open(path)).mask(where).tolist() == expected
    with CollectionWriter(path) as writer:
        writer.compact()
        writer.commit()
    compacted = Collection.open(path)
    allowed = [document.id for document, mask in zip(compacted.documents(), filters_of(compacted).mask(where), strict=True) if mask]
    assert allowed == [document.id for document, there in zip([*FIRST, *SECOND], expected, strict=True) if there]


def test_groups_by_filter(path: Path) -> None:
    collection = Collection.open(path)
    texts = ["year>2020", None, 'lang == "en"', "year > 2020", None]
    queries = [Query(str(n), "t", where=Filter(text) if text else None) for n, text in enumerate(texts)]
    groups = filter_groups(collection, queries)
    assert [(group.rows.tolist(), group.where) for group in groups] == [
        ([0, 3], queries[0].where),
        ([1, 4], None),
        ([2], queries[2].where),
    ]
    assert [None if group.allowed is None else group.allowed.tolist() for group in groups] == [
        [False, False, False, True, False],
        None,
        [True, False, True, False, False],
    ]
    assert groups[0].rows.dtype == np.int64


def test_queries_without_filters_are_one_group(path: Path) -> None:
    collection = Collection.open(path)
    for count in (0, 3):
        (group,) = filter_groups(collection, [Query(str(n), "t") for n in range(count)])
        assert (group.rows.tolist(), group.where, group.allowed) == (list(range(count)), None, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('land == "en"', "unknown field 'land'; known: id, lang, open, parent, tags, title, year. Did you mean 'lang'"),
        ('lang == "en" or not (years > 3)', "Did you mean 'year'"),
        ("lang == 3", "the value of 'lang' in a filter is 3; expected text, which is what that field holds"),
        ("lang > 3", "expected text"),
        ("lang == true", "expected text"),
        ("open == 1", "expected true or false"),
        ("open startswith 't'", "expected true or false"),
        ("year == true", "expected a number or text"),
        ('lang in ("en", 3)', "is 3; expected text"),
        ("title < 3", "expected text"),
        ("id == 3", "expected text"),
    ],
)
def test_what_no_document_can_be_compared_with_is_refused(path: Path, text: str, problem: str) -> None:
    collection = Collection.open(path)
    with pytest.raises((UnknownName, BadValue)) as found:
        filter_groups(collection, [Query("1", "t"), Query("2", "t", where=Filter(text))])
    assert problem in str(found.value)
    with pytest.raises((UnknownName, BadValue)):
        filters_of(collection).mask(Filter(text))


def test_a_mask_is_reckoned_once_and_cannot_be_written(path: Path) -> None:
    filters = filters_of(Collection.open(path))
    mask = filters.mask(Filter("year > 2020"))
    assert filters.mask(Filter("year>2020")) is mask
    with pytest.raises(ValueError, match="read-only"):
        mask[0] = True


def test_masks_take_bounded_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "CACHED_BYTES", 12)
    collection = Collection.open(path)
    filters = filters_of(collection)
    masks = {year: filters.mask(Filter(f"year > {year}")) for year in range(5)}
    assert filters.mask(Filter("year > 4")) is masks[4]
    assert filters.mask(Filter("year > 3")) is masks[3]
    assert filters.mask(Filter("year > 0")) is not masks[0]
    assert filters.mask(Filter("year > 0")).tolist() == masks[0].tolist()


def test_a_snapshot_takes_its_masks_along(path: Path) -> None:
    collection = Collection.open(path)
    kept = weakref.ref(filters_of(collection))
    assert filters_of(collection) is kept()
    del collection
    gc.collect()
    assert kept() is None


def test_threads_share_a_snapshot(path: Path) -> None:
    collection = Collection.open(path)
    alone = [filters_of(Collection.open(path)).mask(Filter(text)).tolist() for text in FILTERS]
    with ThreadPoolExecutor(8) as pool:
        masks = list(pool.map(lambda text: filters_of(collection).mask(Filter(text)).tolist(), FILTERS * 20))
    assert masks == alone * 20


def test_a_collection_of_version_1_is_filtered_by_its_stored_metadata(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "golden")
    collection = Collection.open(tmp_path / "golden")
    documents = list(collection.documents())
    filters = filters_of(collection)
    fields = [field for field in filters.kinds if field not in ("id", "title")]
    assert {name for document in documents for name in document.meta} <= set(fields)
    for field in fields:
        where = Filter(f"`{field}` exists")
        assert filters.mask(where).tolist() == [holds(where.condition, document) for document in documents]
        assert filters.mask(where).any()


def test_a_collection_without_documents_left(path: Path) -> None:
    for compact in (False, True):
        with CollectionWriter(path) as writer:
            if compact:
                writer.compact()
            else:
                writer.delete(["a", "c", "d", "e"])
            writer.commit()
        collection = Collection.open(path)
        mask = filters_of(collection).mask(Filter("not title exists"))
        assert mask.shape == (len(collection.ids),)
        assert not mask.any()
