from collections.abc import Iterable

import numpy as np
import pytest

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.fusion.align import Aligned, align


def ids(aligned: Aligned, places: Iterable[int]) -> list[str]:
    return [aligned.ids.doc_ids[aligned.ids.order[place]] for place in places]


def test_queries_in_another_order_and_tables_of_their_own() -> None:
    first = Run.from_dict({"q1": {"a": 2.0, "b": 1.0}, "q2": {"b": 3.0}})
    second = Run.from_dict({"q3": {"c": 1.0}, "q2": {"c": 9.0, "b": 8.0}, "q1": {}})
    aligned = align([first, second])
    assert aligned.query_ids == ("q1", "q2", "q3")
    assert ids(aligned, range(3)) == ["c", "b", "a"]
    assert aligned.offsets.tolist() == [0, 2, 4, 5]
    assert ids(aligned, aligned.docs.tolist()) == ["b", "a", "c", "b", "c"]
    np.testing.assert_array_equal(aligned.spread(0), np.array([1, 2, np.nan, 3, np.nan], np.float32))
    np.testing.assert_array_equal(aligned.spread(1), np.array([np.nan, np.nan, 9, 8, 1], np.float32))


def test_the_same_document_in_two_queries_in_a_row_stays_two_entries() -> None:
    run = Run.from_dict({"q1": {"a": 1.0}, "q2": {}, "q3": {"a": 1.0}})
    assert align([run, run]).offsets.tolist() == [0, 1, 1, 2]


def test_documents_that_were_cut_away_leave_the_table() -> None:
    assert align([Run.from_dict({"q": {"a": 2.0, "b": 1.0}}).cut(1)]).ids.doc_ids == ("a",)


def test_no_run() -> None:
    with pytest.raises(BadValue):
        align([])


def test_ids_that_are_no_text() -> None:
    numbers = Run((1,), np.array([0, 1]), np.array([0]), np.array([1.0]), (12,))
    with pytest.raises(DataError, match="query id 1 is int"):
        align([numbers])
    with pytest.raises(DataError, match="document id 12 is int"):
        align([Run(("1",), np.array([0, 1]), np.array([0]), np.array([1.0]), (12,))])
