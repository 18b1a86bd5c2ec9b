from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue, UnknownDocument
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Document, Query
from irloom.retrievers.passages import Passages


class Shelf:
    """A Corpus in memory."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = {document.id: document for document in documents}

    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        missing = [doc_id for doc_id in doc_ids if doc_id not in self.documents]
        if missing:
            raise UnknownDocument(missing[0])
        return [self.documents[doc_id] for doc_id in doc_ids]


class Known(Retriever):
    """Gives scores that it was told; remembers what it was asked for."""

    def __init__(self, scores: Mapping[str, Mapping[str, float]]) -> None:
        self.scores = scores
        self.asked: list[tuple[list[str], int]] = []

    @property
    def fingerprint(self) -> str:
        return "known"

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        self.asked.append(([query.id for query in queries], k))
        return Run.from_dict({query.id: self.scores[query.id] for query in queries}).cut(k)


def passage(parent: str, number: int) -> Document:
    return Document(f"{parent}#{number}", "text", parent=parent, span=(10 * number, 10 * number + 5))


CORPUS = Shelf([passage(parent, number) for parent in "abc" for number in range(4)] + [Document("whole", "text")])
SCORES = {"q": {"a#1": 9.0, "a#0": 8.0, "b#2": 7.0, "whole": 6.0, "c#0": 5.0, "b#0": 4.0}, "none": {}}
QUERIES = [Query("q", "text"), Query("none", "text")]


def test_the_best_passage_counts() -> None:
    run = Passages(Known(SCORES), CORPUS).retrieve(QUERIES, k=3)
    assert list(run["q"]) == [("a", 9.0), ("b", 7.0), ("whole", 6.0)]
    assert run.query_ids == ("q", "none")
    assert len(run["none"]) == 0


def test_the_first_passage_counts() -> None:
    run = Passages(Known(SCORES), CORPUS, method="first").retrieve(QUERIES, k=10)
    assert list(run["q"]) == [("a", 8.0), ("whole", 6.0), ("c", 5.0), ("b", 4.0)]


def test_only_what_is_not_filled_goes_deeper() -> None:
    scores = {"deep": {"a#0": 9.0, "a#1": 8.0, "a#2": 7.0, "a#3": 6.0, "b#0": 5.0}, "flat": {"a#0": 3.0, "b#0": 2.0, "c#0": 1.0}}
    known = Known(scores)
    run = Passages(known, CORPUS, factor=1).retrieve([Query("deep", "x"), Query("flat", "x")], k=2)
    assert list(run["deep"]) == [("a", 9.0), ("b", 5.0)]
    assert list(run["flat"]) == [("a", 3.0), ("b", 2.0)]
    # "flat" is asked once more since its last passage could tie with one below; "deep" then needs a third step.
    assert known.asked == [(["deep", "flat"], 2), (["deep", "flat"], 4), (["deep"], 8)]


def test_ties_are_broken_by_document_id_even_across_the_depth() -> None:
    # Passage ids put "x9#0" before "x#0"; of the documents, "x9" also stands first. The tie at the cut is what the deeper step settles:
    # "b!#0" < "b#0" as strings, and "b" < "b!".
    shelf = Shelf([passage("b", 0), passage("b!", 0), passage("a", 0)])
    known = Known({"q": {"b#0": 1.0, "b!#0": 1.0, "a#0": 1.0}})
    run = Passages(known, shelf, factor=1).retrieve([Query("q", "x")], k=1)
    assert list(run["q"]) == [("b!", 1.0)]


PASSAGES = [f"{parent}#{number}" for parent in "abc" for number in range(4)] + ["whole"]


@given(
    st.dictionaries(st.sampled_from(PASSAGES), st.sampled_from([1.0, 2.0, 2.5]), max_size=13),
    st.integers(0, 6),
    st.integers(1, 3),
    st.sampled_from(["max", "first"]),
)
def test_equals_ranking_every_passage(scores: dict[str, float], k: int, factor: int, method: str) -> None:
    best: dict[str, float] = {}
    for passage_id, score in scores.items():
        parent, _, number = passage_id.partition("#")
        if method == "max" or number in ("", "0"):
            best[parent] = max(score, best.get(parent, score))
    expected = sorted(best.items(), key=lambda item: (item[1], item[0]), reverse=True)[:k]
    passages = Passages(Known({"q": scores}), CORPUS, method=method, factor=factor)  # type: ignore[arg-type]
    assert list(passages.retrieve([Query("q", "x")], k=k)["q"]) == expected


def test_bad_values_are_refused() -> None:
    with pytest.raises(BadValue, match="max, first"):
        Passages(Known({}), CORPUS, method="mean")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="factor"):
        Passages(Known({}), CORPUS, factor=0)
    passages = Passages(Known(SCORES), CORPUS)
    with pytest.raises(BadValue, match="k is -1"):
        passages.retrieve(QUERIES, k=-1)
    with pytest.raises(BadValue, match="once"):
        passages.retrieve([QUERIES[0], QUERIES[0]], k=1)
    with pytest.raises(UnknownDocument, match="a#0"):
        Passages(Known(SCORES), Shelf([])).retrieve(QUERIES, k=1)


def test_fingerprint_follows_what_it_is_made_of() -> None:
    known = Known({})
    made = [Passages(known, CORPUS), Passages(known, CORPUS, method="first"), Passages(known, CORPUS, factor=3)]
    assert len({passages.fingerprint for passages in made}) == 3
    assert Passages(known, CORPUS).fingerprint == made[0].fingerprint
