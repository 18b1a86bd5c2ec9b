from irloom.core.run import Run
from irloom.eval.self_hits import without_self_hits


def test_self_hits_go_and_the_rest_stays() -> None:
    run = Run.from_dict({"a": {"a": 3.0, "b": 2.0}, "c": {"b": 1.0}})
    assert {query: list(ranking) for query, ranking in without_self_hits(run).items()} == {"a": [("b", 2.0)], "c": [("b", 1.0)]}
