"""One query whose ranking is a, b, c, d, e, with e unjudged and f judged but not found; and one without relevant documents.

By intent: x is met by a, b, c and y by c and d, grade 1 each; the run is a, z, b, c, so d is not found.
"""

from collections.abc import Callable

import numpy as np
import pytest

from irloom.core.intents import IntentQrels
from irloom.core.run import Run
from irloom.core.types import Qrel
from irloom.eval.evaluate import evaluate
from irloom.eval.judged import JudgedRun, judge

RUN = {"q": {"a": 5.0, "b": 4.0, "c": 3.0, "d": 2.0, "e": 1.0}, "none": {"a": 2.0, "z": 1.0}, "empty": {}}
QRELS = {"q": {"a": -1, "b": 2, "c": 0, "d": 1, "f": 3}, "none": {"a": 0}, "empty": {"a": 1}}
INTENT_RUN = Run.from_dict({"q": {"a": 4.0, "z": 3.0, "b": 2.0, "c": 1.0}, "none": {"a": 1.0}})
INTENT_GRADES = {("a", "x"): 1, ("b", "x"): 1, ("c", "x"): 1, ("c", "y"): 1, ("d", "y"): 1, ("a", "y"): 0, ("z", "never"): 0}


@pytest.fixture
def judged() -> JudgedRun:
    return judge(Run.from_dict(RUN), QRELS)


@pytest.fixture
def intent_run() -> Run:
    return INTENT_RUN


@pytest.fixture
def intent_qrels() -> IntentQrels:
    grades = [Qrel("q", doc, grade, intent) for (doc, intent), grade in INTENT_GRADES.items()]
    return IntentQrels([*grades, Qrel("none", "a", 0, "x"), Qrel("lacking", "a", 1, "x")])


@pytest.fixture
def by_intent(intent_run: Run, intent_qrels: IntentQrels) -> Callable[[str], float]:
    """The value of a measure for the query with relevant documents; it is 0 for the others."""

    def value(measure: str) -> float:
        values = evaluate(intent_run, intent_qrels, [measure]).values[measure]
        np.testing.assert_array_equal(values[1:], 0)
        return float(values[0])

    return value
