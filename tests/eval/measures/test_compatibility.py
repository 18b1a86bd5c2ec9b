import pytest

from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.compatibility import Compat


def test_worked_values(judged: JudgedRun) -> None:
    # ideal f, b, d. Depth 1: 0; 2 and 3: b; 4 and 5: b and d. The ideal with itself: 1, 2, 3, 3, 3. At p = .5, weights 1, 1/2, ...
    score = 1 / 2 / 2 + 1 / 3 / 4 + 2 / 4 / 8 + 2 / 5 / 16
    best = 1 + 2 / 2 / 2 + 3 / 3 / 4 + 3 / 4 / 8 + 3 / 5 / 16
    assert Compat(p=0.5).per_query(judged) == pytest.approx([score / best, 0, 0])
    assert Compat(p=0.5, normalize=False).per_query(judged) == pytest.approx([score / (31 / 16), 0, 0])


def test_equal_grades_stand_in_the_runs_order() -> None:
    run = Run.from_dict({"q": {"c": 3.0, "a": 2.0, "b": 1.0}})
    assert evaluate(run, {"q": {"a": 1, "b": 1, "c": 1, "d": 1}}, ["Compat"]).mean("Compat") < 1
    assert evaluate(run, {"q": {"a": 1, "b": 1, "c": 1}}, ["Compat"]).mean("Compat") == pytest.approx(1)
    assert evaluate(run, {"q": {"a": 2, "b": 1, "c": 3}}, ["Compat"]).mean("Compat") == pytest.approx(1)
    assert evaluate(run, {"q": {"a": 3, "b": 1, "c": 2}}, ["Compat"]).mean("Compat") < 1
