"""Tables of hashes name what has changed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.types import Document, Query, Turn
from irloom.pipelines import content
from irloom.pipelines.content import ContentChanges, Item, content_changes, documents_items, hash_table, qrels_items, queries_items


def changes(old: Sequence[Item], new: Sequence[Item]) -> ContentChanges:
    return content_changes(hash_table(old, count=len(old)), new, old_count=len(old), count=len(new))


ITEMS = st.dictionaries(st.text(max_size=3), st.binary(max_size=3), max_size=8)


@given(ITEMS, ITEMS)
def test_against_dictionaries(old: dict[str, bytes], new: dict[str, bytes]) -> None:
    found = changes(list(old.items()), list(new.items()))
    assert set(found.changed) == {key for key in old.keys() & new.keys() if old[key] != new[key]}
    assert set(found.added) == new.keys() - old.keys()
    assert found.removed == len(old.keys() - new.keys())
    assert bool(found) == (old != new)


def test_every_field_counts() -> None:
    document = Document("d", "text", "title", meta={"year": 1999}, parent="p", span=(0, 4))
    others = [
        replace(document, text="texts"),
        replace(document, title=""),
        replace(document, text="t", title="itle text"),
        replace(document, meta={"year": 2000}),
        replace(document, span=(0, 5)),
    ]
    for other in others:
        assert changes(list(documents_items([document])), list(documents_items([other]))).changed == ("d",)
    query = Query("q", "text")
    for asked in (replace(query, text="Text"), replace(query, turns=(Turn("user", "before"),))):
        assert changes(list(queries_items([query])), list(queries_items([asked]))).changed == ("q",)
    judged = {"q": {"a": 1, "b": 0}}
    assert not changes(list(qrels_items(judged)), list(qrels_items({"q": {"b": 0, "a": 1}})))
    assert changes(list(qrels_items(judged)), list(qrels_items({"q": {"a": 2, "b": 0}}))).changed == ("q",)


def test_large_collections_share_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "ROWS", 4)
    old = [(f"d{place}", b"text") for place in range(10)]
    table = hash_table(old, count=10)
    assert table.shape == (4, 2)
    new = list(old)
    new[7] = ("d7", b"other")
    assert content_changes(table, new, old_count=10, count=10) == ContentChanges(("'d6' and the 2 after it",), (), 0)
    assert content_changes(table, old, old_count=10, count=10) == ContentChanges((), (), 0)
    assert content_changes(table, old[:3], old_count=10, count=3).changed == ("10 of them became 3",)


def test_none_at_all() -> None:
    assert hash_table([], count=0).shape == (0, 2)
    assert hash_table([], count=0).dtype == np.uint64
