import pytest

from irloom.core.errors import DataError
from irloom.core.intents import IntentQrels
from irloom.core.types import Qrel


def test_as_plain_judgments_the_best_grade_counts() -> None:
    qrels = IntentQrels([Qrel("q2", "a", -1, "x"), Qrel("q1", "a", 0, "x"), Qrel("q1", "b", 1, "x"), Qrel("q1", "a", 2, "y")])
    assert list(qrels) == ["q2", "q1"]
    assert len(qrels) == 2
    assert {query: dict(row) for query, row in qrels.items()} == {"q2": {"a": -1}, "q1": {"a": 2, "b": 1}}


def test_two_grades_for_one_intent() -> None:
    with pytest.raises(DataError, match="query 'q', intent 'x', document 'a': grades 1 and 0; expected one"):
        IntentQrels([Qrel("q", "a", 1, "x"), Qrel("q", "a", 0, "x")])
