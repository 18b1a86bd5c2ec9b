"""The head is sorted, the tail follows, nothing is lost."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from irloom.core.errors import BadValue, ModelError, ShapeMismatch
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.types import Query
from irloom.rerankers.head import Head, Scored, order_scores, rerank_head

RUN = Run.from_rankings(
    {
        "q1": Ranking(["a", "b", "c", "d"], np.array([4, 3, 2, 1], np.float32)),
        "q2": Ranking.from_order([]),
        "q3": Ranking(["b", "a"], np.array([0.5, 0.25], np.float32)),
    }
)
QUERIES = [Query("q1", "one"), Query("q2", "two"), Query("q3", "three")]
SCORES = {"a": 0.0, "b": 7.0, "c": 7.0, "d": 9.0}


def score(heads: Sequence[Head]) -> list[NDArray[np.float32]]:
    return [np.array([SCORES[doc_id] for doc_id in doc_ids], np.float32) for _, doc_ids in heads]


def test_sorts_the_head_and_keeps_the_tail() -> None:
    run = rerank_head(QUERIES, RUN, score, depth=3, k=10)
    assert run.query_ids == ("q1", "q2", "q3")
    assert list(run["q1"].doc_ids) == ["b", "c", "a", "d"]  # b and c tie and keep their order; d is not scored
    assert list(run["q1"].scores[:3]) == [7, 7, 0]
    assert run["q1"].scores[3] < 0
    assert len(run["q2"]) == 0
    assert list(run["q3"].doc_ids) == ["b", "a"]
    assert list(run.columns["stage0"]) == [3, 2, 4, 1, 0.5, 0.25]
    again = rerank_head(QUERIES, run, score, depth=10, k=2)
    assert list(again["q1"].doc_ids) == ["d", "b"]
    assert list(again.columns["stage0"]) == [1, 3, 0.5, 0.25]
    assert again.columns["stage1"][1] == 7


def test_queries_that_are_not_scored() -> None:
    asked: list[str] = []

    def watched(heads: Sequence[Head]) -> list[NDArray[np.float32]]:
        asked.extend(query.id for query, _ in heads)
        return score(heads)

    run = rerank_head([Query("q3", " "), Query("x", "text"), Query("q1", "one")], RUN, watched, depth=4, k=3)
    assert asked == ["q1"]
    assert run.query_ids == ("q3", "x", "q1")
    assert list(run["q3"].doc_ids) == ["b", "a"]
    assert len(run["x"]) == 0
    assert list(run["q1"].doc_ids) == ["d", "b", "c"]
    empty = rerank_head(QUERIES, RUN, watched, depth=4, k=0)
    assert [len(empty[query.id]) for query in QUERIES] == [0, 0, 0]
    assert asked == ["q1"]
    assert len(rerank_head([], RUN, watched, depth=4, k=3)) == 0


def test_notes_stay_with_their_query() -> None:
    noted = Run(RUN.query_ids, RUN.offsets, RUN.docs, RUN.scores, RUN.doc_ids, notes={"cost": [1, 2, 3]})
    assert rerank_head([QUERIES[2], Query("x", "x"), QUERIES[0]], noted, score, depth=1, k=1).notes == {"cost": (3, None, 1)}


def test_notes_of_the_scores_land_in_the_run() -> None:
    def noted(heads: Sequence[Head]) -> list[Scored]:
        return [Scored(values, {"calls": len(values), "own": "a"} if len(values) > 2 else {"calls": 0}) for values in score(heads)]

    once = rerank_head(QUERIES, RUN, noted, depth=3, k=3)
    assert once.notes == {"calls": (3, None, 0), "own": ("a", None, None)}
    twice = rerank_head(QUERIES[:1], once, noted, depth=1, k=3)  # what an earlier reranker spent is kept beside its scores
    assert twice.notes == {"stage1.calls": (3,), "own": ("a",), "calls": (0,)}
    plain = rerank_head(QUERIES, twice, score, depth=2, k=3)
    assert plain.notes["stage1.calls"] == (3, None, None)
    assert plain.notes["stage2.calls"] == (0, None, None)
    assert "calls" not in plain.notes


@given(st.permutations(range(6)))
def test_an_order_is_the_order_of_its_scores(order: list[int]) -> None:
    scores = order_scores(order)
    assert np.argsort(-scores, kind="stable").tolist() == order
    assert sorted(scores.tolist()) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("order", [[0, 0], [1, 2], [-1, 0], [0, 1, 3]])
def test_an_order_that_is_none(order: list[int]) -> None:
    with pytest.raises(ModelError, match="each place"):
        order_scores(order)


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 14), st.integers(0, 14))
def test_ids_are_a_subset_and_all_where_k_allows(values: list[int], depth: int, k: int) -> None:
    ids = [f"d{i}" for i in range(len(values))]
    run = Run.from_rankings({"q": Ranking.from_order(ids)})
    new = rerank_head([Query("q", "text")], run, lambda heads: [np.array(values[: len(heads[0][1])], np.float32)], depth=depth, k=k)["q"]
    head = sorted(range(min(depth, len(ids))), key=lambda place: -values[place])
    assert list(new.doc_ids) == [*(ids[place] for place in head), *ids[depth:]][:k]
    assert (np.diff(new.scores) <= 0).all()


def test_bad_scores() -> None:
    with pytest.raises(ShapeMismatch):
        rerank_head(QUERIES, RUN, lambda heads: score(heads)[:1], depth=3, k=3)
    with pytest.raises(ShapeMismatch, match="'q1'"):
        rerank_head(QUERIES, RUN, lambda heads: [values[1:] for values in score(heads)], depth=3, k=3)
    with pytest.raises(ModelError, match="'q1': the score of document 'a' is NaN"):
        rerank_head(QUERIES, RUN, lambda heads: [np.full_like(values, np.nan) for values in score(heads)], depth=3, k=3)
    with pytest.raises(BadValue):
        rerank_head(QUERIES, RUN, score, depth=3, k=-1)
