"""The frame against a walk over ranks in plain Python."""

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.eval.evaluate import evaluate
from irloom.eval.measures.inst import INST


def test_weights_are_the_chances_of_getting_there() -> None:
    rng = np.random.default_rng(4)
    docs = [f"d{number}" for number in range(1200)]
    run = Run.from_dict({query: {doc: float(-place) for place, doc in enumerate(docs)} for query in ("q0", "q1", "q2")})
    grades = {
        query: {docs[place]: int(rng.integers(-1, 5)) for place in rng.choice(1200, 40, replace=False)} for query in ("q0", "q1", "q2")
    }
    found = evaluate(run, grades, [INST(max_rel=3, min_rel=1, T=2.0)]).values["INST(min_rel=1,max_rel=3,T=2.0)"]
    for query, value in zip(grades, found.tolist(), strict=True):
        reach, seen, total, gained = 1.0, 0.0, 0.0, 0.0
        for rank, doc in enumerate(docs[:1000], start=1):
            gain = (min(max(grades[query].get(doc, 0), 1), 3) - 1) / 2
            seen, total, gained = seen + gain, total + reach, gained + reach * gain
            reach *= ((rank + 2.0 + (2.0 - seen) - 1) / (rank + 2.0 + (2.0 - seen))) ** 2
        assert value == pytest.approx(gained / total)


def test_many_queries_are_taken_in_chunks() -> None:
    run = Run.from_dict({f"q{number}": {"a": 2.0, "b": 1.0} for number in range(300)})
    grades = {f"q{number}": {"ab"[number % 2]: 1} for number in range(300)}
    values = evaluate(run, grades, ["INSQ(max_rel=1)"]).values["INSQ(max_rel=1)"]
    assert len(np.unique(values)) == 2
    np.testing.assert_array_equal(values[::2], values[0])


def test_the_greatest_grade_must_be_given() -> None:
    with pytest.raises(
        BadValue, match=r"max_rel of INST is None; expected an integer above 0, the greatest grade, as in 'INST\(max_rel=3\)'"
    ):
        INST()
