from irloom.core.intents import IntentQrels
from irloom.core.run import Run
from irloom.core.types import Qrel
from irloom.eval.judged import judge


def test_columns_equal_a_walk() -> None:
    judgments = [
        Qrel("q2", "a", 1, "x"),
        Qrel("q1", "a", 0, "x"),
        Qrel("q1", "b", 2, "y"),
        Qrel("q1", "a", 1, "y"),
        Qrel("q2", "c", 0, "x"),
    ]
    run = Run.from_dict({"q1": {"b": 3.0, "z": 2.0, "a": 1.0}, "q2": {"c": 1.0}})
    judged = judge(run, IntentQrels(judgments))
    assert judged.query_ids == ("q2", "q1")
    intents = judged.intents
    assert intents is not None
    assert intents.query.tolist() == [0, 0, 1, 1, 1]
    assert intents.doc.tolist() == [1, 0, 1, 0, 1]  # c before a, b before a
    assert intents.grade.tolist() == [1, 0, 0, 2, 1]
    assert judged.hit_rank.tolist() == [1, 1, 3]
    assert intents.hit.tolist() == [0, 1, 2, 2]
    assert intents.hit_grade.tolist() == [0, 2, 0, 1]
    x_of_q2, y, x = intents.hit_intent.tolist()[0], intents.hit_intent.tolist()[1], intents.hit_intent.tolist()[2]
    assert len({x_of_q2, y, x}) == 3
    assert intents.hit_intent.tolist() == [x_of_q2, y, x, y]


def test_plain_judgments_have_none() -> None:
    assert judge(Run.from_dict({"q": {"a": 1.0}}), {"q": {"a": 1}}).intents is None
