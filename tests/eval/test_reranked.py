"""What a reranker did, and whether it lost."""

import json

import numpy as np
import pytest

from irloom.core.run import Run
from irloom.eval.reranked import Against, Reranked, against, reranked

QRELS = {f"q{place}": {"good": 1} for place in range(8)}
BEFORE = Run.from_dict({query_id: {"good": 2.0, "bad": 1.0} for query_id in QRELS})
AFTER = Run.from_dict({query_id: {"bad": 2.0, "good": 1.0} for query_id in QRELS})


def test_sums_and_means_are_those_of_the_noted_queries() -> None:
    run = BEFORE.with_notes(
        {
            "calls": [2, 4, None, 0, 0, 0, 0, 0],
            "seconds": [np.float32(0.5), 0.25, None, 0, 0, 0, 0, 0],
            "malformed": [0, 3, None, 0, 0, 0, 0, 0],
            "cut_documents": [0] * 2 + [None] + [0] * 5,
            "fallback": ["", "windows of 5", None, "windows of 5", "the endpoint failed", "", "", ""],
            "own": list("abcdefgh"),
        }
    )
    did = reranked("first", run, seconds=9.0)
    assert (did.queries, did.noted, did.seconds) == (8, 7, 9.0)
    assert did.sums == {"calls": 6, "seconds": 0.75, "cut_documents": 0, "malformed": 3}
    assert did.per_query("calls") == 6 / 7
    assert did.per_query("windows") is None
    assert did.fallbacks == {"windows of 5": 2, "the endpoint failed": 1}
    assert did.lines == (
        "7 queries: 6 calls, 0.107 s a query",
        "3 answers could not be read as they should",
        "3 of 7 queries fell back: windows of 5 (2); the endpoint failed (1)",
    )
    assert did.alarm == ""


def test_a_reranker_that_notes_nothing() -> None:
    did = reranked("maxsim", BEFORE)
    assert (did.queries, did.noted, did.seconds, did.sums, did.lines) == (8, 0, None, {}, ())
    assert reranked("maxsim", Run.from_dict({})).queries == 0


def test_a_loss_is_an_alarm_with_its_interval_and_the_judgments() -> None:
    (lost,) = against("bm25", BEFORE, AFTER, QRELS, ["RR@10"])
    assert (lost.before, lost.after, lost.difference.high) == (1.0, 0.5, -0.5)
    did = Reranked("first", 8, 1.0, 0, {}, {}, "stories dev", 8, (lost,))
    assert did.alarm == (
        "ALARM: first made the ranking worse by the judgments of stories dev (8 queries): RR@10 0.500 after 1.000 of bm25, "
        "-0.500 [-0.500, -0.500]"
    )
    (won,) = against("bm25", AFTER, BEFORE, QRELS, ["RR@10"])
    assert Reranked("first", 8, 1.0, 0, {}, {}, "stories dev", 8, (won,)).alarm == ""
    (same,) = against("bm25", AFTER, AFTER, QRELS, ["RR@10"])
    assert not same.is_worse


def test_five_points_lost_alarm_even_where_chance_gives_them() -> None:
    """Half of the queries win 0.4, half lose 0.5: the mean is -0.05 and the interval reaches above 0."""
    qrels = {f"q{place}": {"a": 1, "b": 1} for place in range(10)}
    worse = Run.from_dict({query_id: {"a": 1.0} if place % 2 else {"a": 1.0, "b": 0.5} for place, query_id in enumerate(qrels)})
    better = Run.from_dict({query_id: {"a": 1.0, "b": 0.5} if place < 6 else {"a": 1.0} for place, query_id in enumerate(qrels)})
    (one,) = against("bm25", better, worse, qrels, ["R@10"])
    assert one.difference.mean == pytest.approx(-0.05)
    assert one.difference.high > 0
    assert one.is_worse
    assert "by chance" in one.text


def test_queries_that_a_reranker_loses_count_as_lost() -> None:
    (one,) = against("bm25", BEFORE, BEFORE.rows(["q0", "q1"]), QRELS, ["RR@10"])
    assert one.after == 0.25
    assert one.is_worse


def test_nothing_judged_is_nothing_compared() -> None:
    assert against("bm25", BEFORE, AFTER, {"other": {"a": 1}}, ["RR@10"]) == ()
    assert against("bm25", BEFORE, AFTER, {}, ["RR@10"]) == ()


def test_json_keeps_it_all() -> None:
    run = BEFORE.with_notes({"calls": [1] * 8, "fallback": ["a"] + [""] * 7})
    one: Against = against("bm25", BEFORE, AFTER, QRELS, ["RR@10"])[0]
    did = Reranked("first", 8, 1.0, 8, reranked("x", run).sums, {"a": 1}, "stories dev", 8, (one,))
    content = json.loads(json.dumps(did.to_json()))
    assert Reranked.from_json(content) == did
    assert content["alarm"] == did.alarm
    assert content["per_query"] == {"calls": 1.0}
