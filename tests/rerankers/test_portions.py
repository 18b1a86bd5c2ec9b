from collections.abc import Sequence

import pytest

from irloom.core.types import Document, Query
from irloom.rerankers import portions
from irloom.rerankers.portions import with_texts


class Counting:
    """A corpus of every id that writes down what was fetched."""

    def __init__(self) -> None:
        self.fetched: list[list[str]] = []

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        self.fetched.append(list(doc_ids))
        return [Document(doc_id, f"text of {doc_id}") for doc_id in doc_ids]


def test_heads_in_order_with_their_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PAIRS", 3)
    corpus = Counting()
    heads = [(Query(str(number), "q"), ["a", f"d{number}"]) for number in range(5)]
    found = list(with_texts(heads, corpus))
    assert [len(some) for some in found] == [2, 2, 1]
    assert [query.id for some in found for query, _ in some] == ["0", "1", "2", "3", "4"]
    assert [document.text for document in found[1][0][1]] == ["text of a", "text of d2"]
    assert corpus.fetched == [["a", "d0", "d1"], ["a", "d2", "d3"], ["a", "d4"]]
    assert list(with_texts([], corpus)) == []
