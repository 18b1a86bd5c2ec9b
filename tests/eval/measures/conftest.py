"""One query whose ranking is a, b, c, d, e, with e unjudged and f judged but not found; and one without relevant documents."""

import pytest

from irloom.core.run import Run
from irloom.eval.judged import JudgedRun, judge

RUN = {"q": {"a": 5.0, "b": 4.0, "c": 3.0, "d": 2.0, "e": 1.0}, "none": {"a": 2.0, "z": 1.0}, "empty": {}}
QRELS = {"q": {"a": -1, "b": 2, "c": 0, "d": 1, "f": 3}, "none": {"a": 0}, "empty": {"a": 1}}


@pytest.fixture
def judged() -> JudgedRun:
    return judge(Run.from_dict(RUN), QRELS)
