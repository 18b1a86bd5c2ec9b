"""Dataset: splits, the default one, and what is said where something is missing."""

import pytest

from irloom.core.errors import DataError, UnknownName
from irloom.core.types import Document, Query
from irloom.data.dataset import MemoryDataset, Protocol

DOCUMENTS = [Document("d1", "one"), Document("d2", "two")]
QUERIES = [Query("q2", "b"), Query("q1", "a"), Query("q3", "c")]


def dataset(*splits: str, protocol: Protocol | None = None) -> MemoryDataset:
    qrels = {split: {"q1": {"d1": 1}, "q2": {"d2": 2}} for split in splits}
    return MemoryDataset("mine", DOCUMENTS, queries=QUERIES, qrels=qrels, protocol=protocol)


def test_queries_of_a_split_in_file_order() -> None:
    assert [query.id for query in dataset("test").queries()] == ["q2", "q1"]
    assert [query.id for query in dataset("test").all_queries()] == ["q2", "q1", "q3"]


@pytest.mark.parametrize(
    ("splits", "expected"), [(("train", "test"), "test"), (("train", "dev"), "dev"), (("en",), "en"), (("b", "a"), "a"), ((), "test")]
)
def test_the_default_split(splits: tuple[str, ...], expected: str) -> None:
    assert dataset(*splits).protocol == Protocol(split=expected)


def test_the_protocol_names_the_split() -> None:
    found = dataset("dev", "test", protocol=Protocol(split="dev", min_grade=2))
    assert (found.protocol.split, found.protocol.min_grade) == ("dev", 2)


def test_an_unknown_split_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"dataset 'mine': unknown split 'tset'; known: test, train\. Did you mean 'test'\?"):
        dataset("test", "train").qrels("tset")


def test_without_judgments_all_queries_and_an_error_for_qrels() -> None:
    assert len(dataset().queries()) == 3
    with pytest.raises(DataError, match="'mine' has no judgments"):
        dataset().qrels()
    with pytest.raises(DataError, match="'mine' has no judgments"):
        dataset().queries("test")
    with pytest.raises(DataError, match="has no queries"):
        MemoryDataset("mine", DOCUMENTS).queries()


def test_judged_queries_without_text_are_counted() -> None:
    found = MemoryDataset("mine", DOCUMENTS, queries=QUERIES, qrels={"test": {"q1": {"d1": 1}, "q8": {}, "q9": {}}})
    with pytest.warns(UserWarning, match="'mine': 2 of 3 judged queries have no text, such as 'q8'"):
        assert [query.id for query in found.queries()] == ["q1"]


def test_the_fingerprint_is_that_of_the_documents() -> None:
    one, other = dataset("test"), dataset("test", "train")
    assert one.fingerprint == other.fingerprint
    assert one.content_hash != other.content_hash
    assert MemoryDataset("mine", DOCUMENTS[:1]).fingerprint != one.fingerprint
