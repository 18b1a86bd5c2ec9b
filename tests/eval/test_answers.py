import pytest

from irloom.core.run import Run
from irloom.core.types import Document
from irloom.eval.answers import answer_qrels, contains_answer
from irloom.eval.evaluate import evaluate


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("He was born in Ulm.", "ulm", True),
        ("the mulm of Ulmer", "Ulm", False),
        ("in 1,234 years", "1,234", True),
        ("in 1 , 234 years", "1,234", True),
        ("in 1234 years", "1,234", False),
        ("Cafe\u0301 de Flore", "CAFÉ de flore", True),
        ("Cafe de Flore", "Café", False),
        ("snake_case", "snake", True),
        ("zero\u200bwidth", "zero width", True),
        ("anything", "", False),
        ("anything", " ", False),
        ("हिन्दी भाषा", "हिन्दी", True),
        ("हिन्दी", "हिन", False),
    ],
)
def test_answers_are_words_in_a_row(text: str, answer: str, found: bool) -> None:
    """As DPR's matching: letters, digits and marks in a row are a word, any other sign one of its own, case does not count."""
    assert contains_answer(text, ["nothing of this", answer]) is found


def test_top_k_accuracy() -> None:
    texts = {"a": "Paris is in France.", "b": "Ulm is in Germany.", "c": "Nothing here."}
    run = Run.from_dict({"q1": {"a": 3.0, "b": 2.0}, "q2": {"c": 1.0, "b": 0.5}, "q3": {}})
    answers = {"q1": ["Germany"], "q2": ["Germany"], "q3": ["Ulm"], "missing": ["Ulm"]}
    qrels = answer_qrels(run, answers, lambda ids: [Document(doc_id, texts[doc_id]) for doc_id in ids])
    assert qrels == {"q1": {"a": 0, "b": 1}, "q2": {"c": 0, "b": 1}, "q3": {}, "missing": {}}
    result = evaluate(run, qrels, ["Success@1", "Success@2"])
    assert result.mean("Success@1") == 0
    assert result.mean("Success@2") == 0.5
    assert answer_qrels(run, {"q1": ["Germany"]}, lambda ids: [Document(doc_id, texts[doc_id]) for doc_id in ids], depth=1) == {
        "q1": {"a": 0}
    }
