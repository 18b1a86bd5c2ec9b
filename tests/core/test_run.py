"""Run: order, ties, checks, views."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.contracts import Hits
from irloom.core.errors import BadValue, DataError, DuplicateDocument
from irloom.core.ranking import Ranking
from irloom.core.run import Run

Scores = st.dictionaries(st.text(max_size=3), st.sampled_from([0.0, 1.0, 1.5, -2.0]), max_size=6)


def test_ties_go_to_the_larger_id_as_strings() -> None:
    run = Run.from_dict({"q": {"d10": 1.0, "d2": 1.0, "d9": 1.0}})
    assert run["q"].doc_ids == ["d9", "d2", "d10"]  # trec_eval's order


@given(st.dictionaries(st.text(max_size=2), Scores, max_size=4))
def test_every_row_is_sorted_as_brute_force_sorts_it(scores: dict[str, dict[str, float]]) -> None:
    run = Run.from_dict(scores)
    assert list(run) == list(scores)
    for query_id, row in scores.items():
        ids = sorted(sorted(row, reverse=True), key=lambda doc_id: -row[doc_id])
        assert list(run[query_id]) == [(doc_id, row[doc_id]) for doc_id in ids]


def test_scores_tie_as_float32() -> None:
    run = Run.from_dict({"q": {"a": 100.0000001, "b": 100.0}})
    assert run["q"].doc_ids == ["b", "a"]


def test_a_query_without_hits_keeps_its_key() -> None:
    run = Run.from_dict({"q": {}, "r": {"d": 1.0}})
    assert "q" in run
    assert len(run["q"]) == 0
    assert len(run) == 2


def test_nan_is_refused_and_named() -> None:
    with pytest.raises(DataError, match=r"query 'q': the score of document 'b' is NaN"):
        Run.from_dict({"q": {"a": 1.0, "b": float("nan")}})


def test_a_document_twice_is_refused_and_named() -> None:
    with pytest.raises(DuplicateDocument, match="'d' occurs twice"):
        Run.from_rankings({"q": Ranking(["d", "d"], np.ones(2, np.float32))})


def test_a_query_id_twice_is_refused() -> None:
    with pytest.raises(BadValue, match="'q'"):
        Run(["q", "q"], np.zeros(3, np.int64), np.empty(0, np.int32), np.empty(0, np.float32), [])


def test_hits_keep_their_order_and_drop_the_missing() -> None:
    hits = Hits(np.array([[4, 2], [7, -1]], np.int64), np.array([[1.0, 2.0], [3.0, -np.inf]], np.float32))
    run = Run.from_hits(["q", "r"], hits, lambda positions: [f"d{position}" for position in positions])
    assert list(run["q"]) == [("d4", 1.0), ("d2", 2.0)]
    assert list(run["r"]) == [("d7", 3.0)]


def test_rankings_go_in_and_out_unchanged() -> None:
    ranking = Ranking.from_order(["b", "a", "c"])
    run = Run.from_rankings({"q": ranking, "empty": Ranking([], np.empty(0, np.float32))})
    assert list(run["q"]) == list(ranking)


def test_cut_keeps_the_head_and_its_columns() -> None:
    columns = {"first": np.array([5.0, 6.0, 7.0], np.float32)}
    run = Run.from_columns(
        ["q", "r"], np.array([0, 2, 3]), np.array([0, 1, 0]), np.array([2.0, 1.0, 3.0]), ["a", "b"], ordered=True, columns=columns
    )
    cut = run.cut(1)
    assert [list(cut[query]) for query in cut] == [[("a", 2.0)], [("a", 3.0)]]
    assert cut.columns["first"].tolist() == [5.0, 7.0]
    assert run.cut(9) is run
    with pytest.raises(BadValue):
        run.cut(-1)


def test_columns_are_immutable() -> None:
    run = Run.from_dict({"q": {"a": 1.0}})
    with pytest.raises(ValueError, match="read-only"):
        run.scores[0] = 2.0


def test_the_callers_arrays_stay_their_own() -> None:
    scores = np.ones(1, np.float32)
    run = Run(["q"], np.array([0, 1]), np.zeros(1, np.int32), scores, ["a"])
    assert scores.flags.writeable
    assert not run.scores.flags.writeable


@given(st.lists(st.dictionaries(st.text(max_size=2), Scores, max_size=3), max_size=3))
def test_concat_and_rows_give_what_was_put_in(parts: list[dict[str, dict[str, float]]]) -> None:
    named = [{f"{number}{query}": row for query, row in part.items()} for number, part in enumerate(parts)]
    joined = Run.concat([Run.from_dict(part) for part in named])
    whole = {query: row for part in named for query, row in part.items()}
    expected = Run.from_dict(whole)
    assert {query: list(joined[query]) for query in joined} == {query: list(expected[query]) for query in expected}
    backwards = list(reversed(joined.query_ids))
    assert [(query, list(ranking)) for query, ranking in joined.rows(backwards).items()] == [
        (query, list(joined[query])) for query in backwards
    ]


def test_concat_refuses_a_query_twice() -> None:
    run = Run.from_dict({"q": {"a": 1.0}})
    with pytest.raises(BadValue, match="'q'"):
        Run.concat([run, run])


def test_notes_follow_their_queries() -> None:
    run = Run.from_rankings({name: Ranking.from_order(["a", "b"]) for name in "qrs"}, notes={"calls": [1, 2, 3]})
    assert run.notes["calls"] == (1, 2, 3)
    assert run.rows(["s", "q"]).notes == {"calls": (3, 1)}
    assert run.cut(1).notes == {"calls": (1, 2, 3)}
    more = run.rows(["q"]).with_notes({"seconds": [0.5], "calls": [9]})
    assert more.notes == {"calls": (9,), "seconds": (0.5,)}
    assert Run.concat([more, run.rows(["r"])]).notes == {"calls": (9, 2), "seconds": (0.5, None)}
    with pytest.raises(BadValue, match="notes 'calls' is 1; expected one value a query, 3"):
        run.with_notes({"calls": [1]})
