"""The time in which at least one request is under way."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from irloom.models.waiting import Spans, merged, seconds_in

ONE = st.tuples(st.integers(0, 30), st.integers(0, 9)).map(lambda span: (float(span[0]), float(sum(span))))
SPANS = st.lists(ONE, max_size=6).map(tuple)


@given(SPANS, SPANS)
def test_spans_are_the_seconds_that_they_cover(first: Spans, second: Spans) -> None:
    covered = {second for begun, ended in (*first, *second) for second in range(int(begun), int(ended))}
    both = merged(first, second)
    assert seconds_in(both) == seconds_in((*first, *second)) == len(covered)
    assert list(both) == sorted(both)
    assert all(ended < begun for (_, ended), (begun, _) in pairwise(both))
    assert merged(both, first) == both
