import pytest

from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.bpref import Bpref


def test_worked_values(judged: JudgedRun) -> None:
    """b has nothing above (a is below grade 0, so not judged): 1. d has c above, the only judged document that is not relevant: 0."""
    assert Bpref().per_query(judged).tolist() == [1 / 3, 0, 0]
    # from grade 2 on: b again has nothing above, of two relevant
    assert Bpref(rel=2).per_query(judged).tolist() == [1 / 2, 0, 0]


def test_no_more_documents_above_count_than_are_relevant() -> None:
    """One relevant document under three judged others: 1 - min(3, 1) / min(3, 1); between them 1 - 1 / min(3, 1)."""
    qrels = {"q": {"a": 0, "b": 0, "c": 0, "d": 1}}
    last = Run.from_dict({"q": {"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}})
    assert evaluate(last, qrels, ["Bpref"]).mean("Bpref") == 0
    two = {"q": {**qrels["q"], "e": 1, "f": 1}}  # d has one above: 1 - 1 / min(3, 3); e has none; f is not found
    assert evaluate(Run.from_dict({"q": {"e": 4.0, "a": 3.0, "d": 2.0}}), two, ["Bpref"]).mean("Bpref") == pytest.approx((1 + 2 / 3) / 3)
