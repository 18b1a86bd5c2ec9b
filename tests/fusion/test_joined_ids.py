import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.run import Run
from irloom.fusion.joined_ids import join_ids


def check(tables: list[list[str]]) -> None:
    """Against Python's sort, letter by letter."""
    runs = [Run.from_dict({"q": {doc_id: float(place) for place, doc_id in enumerate(table)}}) for table in tables]
    joined = join_ids(runs)
    expected = sorted({doc_id for table in tables for doc_id in table}, reverse=True)
    assert len(joined.doc_ids) == len(expected)
    assert [joined.doc_ids[place] for place in joined.order] == expected
    for run, places in zip(runs, joined.places, strict=True):
        assert [expected[place] for place in places.tolist()] == list(run.doc_ids)


@pytest.mark.parametrize(
    "tables",
    [
        [["10", "9", "1", "100"], ["9", "2"]],
        [["", "a"], ["ab", ""]],
        [["msmarco_passage_01_42", "msmarco_passage_01_5"], ["msmarco_passage_02_1"]],
        [["clueweb09-en0000-00-00000", "clueweb09-en0000-00-00001"], ["GX000-00-0000000", "short"]],
        [["é", "z", "a"], ["日本", "é"]],
        [["a\0", "a"], ["a\0b"]],
        [["a\n", "a"], ["\n", "a\nb"]],
        [["x" * 200, "x" * 199], ["y"]],
        [["".join(f"{place}{digit}" for place in range(30)) for digit in range(3)], ["b"]],
        [[], ["a"]],
        [[], []],
    ],
)
def test_ids_of_every_kind(tables: list[list[str]]) -> None:
    check(tables)


@settings(max_examples=200)
@given(st.lists(st.lists(st.text("ab0\x7f", max_size=18), unique=True), min_size=1, max_size=3))
def test_order_is_that_of_text(tables: list[list[str]]) -> None:
    check(tables)


def test_ids_that_no_ranking_holds_are_left_out() -> None:
    run = Run(("q",), np.array([0, 1]), np.array([1]), np.array([1.0]), ("unused", "used"))
    joined = join_ids([run, Run.from_dict({"q": {"other": 1.0}})])
    assert set(joined.doc_ids) == {"used", "other"}
