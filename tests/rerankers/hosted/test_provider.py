from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import EndpointError
from irloom.rerankers.hosted.provider import count_of, inside, scores_of


@given(st.permutations(range(6)))
def test_the_index_decides(order: list[int]) -> None:
    found = scores_of([{"index": place, "s": place / 2} for place in order], 6, "u", score="s")
    assert found.tolist() == [0, 0.5, 1, 1.5, 2, 2.5]
    assert found.dtype == np.float32


def entry(index: Any, score: Any = 0.5) -> dict[str, Any]:
    return {"index": index, "s": score}


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        (None, "no list of scores but NoneType"),
        ({"0": 1}, "no list of scores but dict"),
        ("[]", "no list"),
        ([], "0 scores to 2 documents; that of index 0 is missing"),
        ([entry(0)], "1 scores to 2 documents; that of index 1 is missing"),
        ([entry(0), entry(0)], "two entries of index 0"),
        ([entry(0), entry(1), entry(1)], "two entries of index 1"),
        ([entry(0), entry(2)], "index 2 to 2 documents"),
        ([entry(0), entry(-1)], "index -1 to 2 documents"),
        ([entry(0), entry(10**30)], "index 1000"),
        ([entry(0), entry("1")], "'index' is '1'"),
        ([entry(0), entry(1.0)], "'index' is 1.0"),
        ([entry(0), entry(True)], "'index' is True"),
        ([entry(0), {"s": 1.0}], "'index' is None"),
        ([entry(0), None], "'index' is None"),
        ([entry(0), entry(1, float("nan"))], "'s' is nan"),
        ([entry(0), entry(1, float("inf"))], "'s' is inf"),
        ([entry(0), entry(1, -2e38)], "'s' is -2e\\+38, not a number within 1e\\+38"),
        ([entry(0), entry(1, 1e300)], "'s' is 1e\\+300"),
        ([entry(0), entry(1, 10**400)], "'s' is 1000"),
        ([entry(0), entry(1, "0.5")], "'s' is '0.5'"),
        ([entry(0), entry(1, None)], "'s' is None"),
        ([entry(0), entry(1, False)], "'s' is False"),
        ([entry(0), {"index": 1, "score": 0.5}], "'s' is None"),
    ],
)
def test_nonsense_is_named(entries: Any, problem: str) -> None:
    with pytest.raises(EndpointError, match=problem) as caught:
        scores_of(entries, 2, "http://u", score="s")
    assert len(str(caught.value)) < 300


def test_fields() -> None:
    assert inside({"a": None}, "a", "u") is None
    for answer in (None, [], "a", {"b": 1}):
        with pytest.raises(EndpointError, match="answers no 'a' but"):
            inside(answer, "a", "u")
    answer = {"usage": {"total": 5, "float": 5.0, "half": 0.5, "less": -1, "flag": True, "text": "5"}}
    assert [count_of(answer, "usage", name) for name in ("total", "float", "half", "less", "flag", "text", "none")] == [5, 5, *[None] * 5]
    assert count_of(answer, "none", "total") is None
    assert count_of([], "usage") is None
