import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.fusion.align import align, best_places


def test_queries_in_another_order_and_tables_of_their_own() -> None:
    first = Run.from_dict({"q1": {"a": 2.0, "b": 1.0}, "q2": {"b": 3.0}})
    second = Run.from_dict({"q3": {"c": 1.0}, "q2": {"c": 9.0, "b": 8.0}, "q1": {}})
    aligned = align([first, second])
    assert aligned.query_ids == ("q1", "q2", "q3")
    assert aligned.doc_ids == ("c", "b", "a")
    assert aligned.offsets.tolist() == [0, 2, 4, 5]
    assert [aligned.doc_ids[doc] for doc in aligned.docs] == ["b", "a", "c", "b", "c"]
    np.testing.assert_array_equal(aligned.spread(0, first.scores), np.array([1, 2, np.nan, 3, np.nan], np.float32))
    np.testing.assert_array_equal(aligned.spread(1, second.scores), np.array([np.nan, np.nan, 9, 8, 1], np.float32))


def test_the_same_document_in_two_queries_in_a_row_stays_two_entries() -> None:
    run = Run.from_dict({"q1": {"a": 1.0}, "q2": {}, "q3": {"a": 1.0}})
    assert align([run, run]).offsets.tolist() == [0, 1, 1, 2]


def test_documents_that_were_cut_away_leave_the_table() -> None:
    assert align([Run.from_dict({"q": {"a": 2.0, "b": 1.0}}).cut(1)]).doc_ids == ("a",)


def test_best_places_sorts_each_query_by_score_then_place() -> None:
    scores = np.array([1, 3, 3, -np.inf, np.inf, -0.0, 0.0, -2], np.float32)
    assert best_places(scores, np.array([0, 4, 4, 8])).tolist() == [1, 2, 0, 3, 4, 5, 6, 7]


def test_no_run() -> None:
    with pytest.raises(BadValue):
        align([])
