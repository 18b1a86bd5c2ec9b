"""Ranking: sorting, order, and a tail under a head."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue, DataError
from irloom.core.ranking import Ranking

Values = st.lists(st.floats(-1e6, 1e6, width=32), max_size=8)


def test_from_scores_refuses_nan() -> None:
    with pytest.raises(DataError, match="'b' is NaN"):
        Ranking.from_scores(["a", "b"], [1.0, float("nan")])


def test_lengths_must_agree() -> None:
    with pytest.raises(BadValue, match="one per document"):
        Ranking(["a"], np.empty(0, np.float32))


@given(Values, Values)
def test_a_tail_keeps_its_order_below_the_head(head: list[float], tail: list[float]) -> None:
    first = Ranking.from_scores([f"h{place}" for place in range(len(head))], head)
    second = Ranking.from_scores([f"t{place}" for place in range(len(tail))], tail)
    joined = first.then(second)
    assert list(joined.doc_ids) == [*first.doc_ids, *second.doc_ids]
    assert np.all(np.diff(joined.scores) <= 0)
    if head and tail:
        assert joined.scores[len(head)] < joined.scores[len(head) - 1]


def test_cut() -> None:
    assert list(Ranking.from_order(["a", "b", "c"]).cut(2)) == [("a", 3.0), ("b", 2.0)]
