"""What heads are found on: the relevant and some others, in an order that depends on the query alone."""

from irloom.core.types import Document, Query
from irloom.rerankers.attention.document_text import DocumentText
from irloom.rerankers.attention.examples import make_example
from irloom.rerankers.attention.layouts import Layout
from irloom.rerankers.attention.lists import ListScorer
from irloom.rerankers.attention.prompt import PromptWriter
from irloom.rerankers.attention.scoring import Signal
from tests.fakes_llm import FakeDecoder

DOCUMENTS = [Document(f"d{place}", f"text number {place}") for place in range(8)]
GRADES = {"d3": 1, "d5": 2, "d0": 0, "d99": 1}


def made(*, context: int = 10_000, seed: int = 42, one: bool = False, query: str = "q", grades=GRADES):
    decoder = FakeDecoder(context=context)
    scorer = ListScorer(PromptWriter(decoder, Layout("T:", "\n", "[{}] ", "Query: ", "")), Signal(decoder))
    return make_example(Query(query, "number"), DOCUMENTS, grades, scorer, text=DocumentText(), seed=seed, one_relevant=one)


def test_all_of_them() -> None:
    example = made()
    assert sorted(example.texts) == sorted(document.text for document in DOCUMENTS)
    assert {text: grade for text, grade in zip(example.texts, example.grades, strict=True) if grade} == {
        "text number 3": 1,
        "text number 5": 2,
    }
    assert sorted(example.judged) == [1, 1, 2]
    assert made() == example
    assert made(seed=1) != example
    assert made(query="other").texts != example.texts


def test_one_relevant() -> None:
    example = made(one=True)
    assert sorted(example.grades) == [0, 0, 0, 0, 0, 0, 2]
    assert "text number 3" not in example.texts


def test_what_does_not_fit_is_left_out() -> None:
    example = made(context=40)
    assert 2 <= len(example.texts) < 8
    assert max(example.grades) > 0
    assert min(example.grades) == 0
    assert made(context=15) is None
    assert made(grades={}) is None
