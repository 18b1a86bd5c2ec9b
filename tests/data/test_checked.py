"""Named collections: what they ought to hold beside what they hold."""

import warnings
from pathlib import Path

import pytest

from irloom.core.types import Document, Query
from irloom.data.checked import NamedDataset, count, difference
from irloom.data.dataset import MemoryDataset, Protocol
from irloom.data.entry import Counts, Entry

INNER = MemoryDataset(
    "inner",
    [Document("a", "x"), Document("b", "y")],
    queries=[Query("q", "?"), Query("p", "unjudged"), Query("r", "of train")],
    qrels={"test": {"q": {"a": 1, "b": 0}}, "train": {"r": {"a": 1}}},
)


def named(counts: Counts) -> NamedDataset:
    entry = Entry("beir/x", "beir/x", "beir/x", "beir", Protocol(remove_self_hits=True), counts, "CC0")
    return NamedDataset(entry, Path("place"), INNER)


def read(data: NamedDataset) -> list[str]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(2):
            list(data.documents())
            data.queries()
            data.qrels()
            data.queries("train")
    return [str(warning.message) for warning in said]


def test_what_is_as_expected_is_not_spoken_of() -> None:
    data = named(Counts(2, 1, 2))
    assert read(data) == []
    assert read(named(Counts(0, 0, 0))) == []
    assert (data.name, data.protocol.remove_self_hits, data.splits) == ("beir/x", True, ("test", "train"))
    assert (data.fingerprint, data.content_hash) == (INNER.fingerprint, INNER.content_hash)
    assert data.all_queries() == INNER.all_queries()
    assert data.description == "beir/x, in place; licence: CC0"


def test_what_is_not_as_expected_is_said_once() -> None:
    assert read(named(Counts(5_183, 300, 339))) == [
        f"dataset 'beir/x': {problem}; figures from place are not those of the whole collection"
        for problem in ("2 documents, expected 5,183", "2 judgments, expected 339", "1 queries, expected 300")
    ]


def test_documents_are_counted_at_their_end_only() -> None:
    data = named(Counts(3, 0, 0))
    assert next(data.documents()) == Document("a", "x")
    with pytest.warns(UserWarning, match="2 documents, expected 3"):
        list(data.documents())


def test_counts() -> None:
    assert count(INNER) == Counts(2, 1, 2)
    assert count(MemoryDataset("docs", [Document("a", "x")])) == Counts(1, 0, 0)
    assert difference(Counts(2, 1, 2), Counts(2, 0, 3)) == "2 judgments, expected 3"
    assert difference(Counts(2, 1, 2), Counts(0, 0, 0)) == ""
