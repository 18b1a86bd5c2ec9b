from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.accuracy import Accuracy


def test_worked_values(judged: JudgedRun) -> None:
    """b and d are relevant, a, c, e not: b stands under a, d under a and c, so 3 of 6 pairs are wrong."""
    assert Accuracy().per_query(judged).tolist() == [1 / 2, 0, 0]
    assert Accuracy(3).per_query(judged).tolist() == [1 / 2, 0, 0]  # b against a and c
    assert Accuracy(1).per_query(judged).tolist() == [0, 0, 0]


def test_nothing_but_relevant_documents() -> None:
    assert evaluate(Run.from_dict({"q": {"a": 1.0}}), {"q": {"a": 1}}, ["Accuracy"]).mean("Accuracy") == 1
