import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.core.stage import Retriever
from irloom.core.types import Query
from irloom.fusion.fuse import fuse
from irloom.fusion.rrf import RRF

QUERIES = [Query("q", "what is asked"), Query("nothing", "what nobody finds")]


def test_equals_fuse_on_the_components_runs(retrievers: list[Retriever]) -> None:
    run = RRF(retrievers).retrieve(QUERIES, k=10)
    expected = fuse([retriever.retrieve(QUERIES, k=100) for retriever in retrievers])
    assert run.query_ids == ("q", "nothing")
    assert list(run["q"]) == list(expected["q"])
    assert len(run["nothing"]) == 0


def test_small_k_begins_large_k_and_zero_is_empty(retrievers: list[Retriever]) -> None:
    fused = RRF(retrievers, depth=2)
    whole = list(fused.retrieve(QUERIES, k=10)["q"])
    assert len(whole) == 3  # a and b of the first, b and d of the second
    for k in range(4):
        assert list(fused.retrieve(QUERIES, k=k)["q"]) == whole[:k]
    assert fused.retrieve(QUERIES, k=0).query_ids == ("q", "nothing")
    assert len(fused.retrieve([], k=3)) == 0


def test_columns_are_named_by_class_and_number(retrievers: list[Retriever]) -> None:
    run = RRF(retrievers).retrieve(QUERIES, k=4)  # b, a, d, c
    assert list(run.columns) == ["fixed_1", "fixed_2"]
    np.testing.assert_array_equal(run.columns["fixed_1"], np.array([9, 12, np.nan, 3], np.float32))


def test_it_nests_and_warms_up(retrievers: list[Retriever]) -> None:
    nested = RRF([RRF(retrievers), retrievers[0]])
    assert list(nested.retrieve(QUERIES, k=10).columns) == ["rrf", "fixed"]
    nested.warm_up()
    assert all(retriever.warm for retriever in retrievers)


def test_every_argument_is_in_the_fingerprint(retrievers: list[Retriever]) -> None:
    others = [RRF(retrievers), RRF(retrievers, c=10), RRF(retrievers, depth=5), RRF(retrievers[::-1]), RRF(retrievers[:1])]
    assert len({retriever.fingerprint for retriever in others}) == len(others)
    assert RRF(retrievers, c=60).fingerprint == RRF(retrievers, c=60.0).fingerprint


def test_what_cannot_be_used_is_refused(retrievers: list[Retriever]) -> None:
    with pytest.raises(BadValue, match="at least one retriever"):
        RRF([])
    with pytest.raises(BadValue, match="retrievers"):
        RRF(["bm25"])
    with pytest.raises(BadValue, match="c is -1"):
        RRF(retrievers, c=-1)
    with pytest.raises(BadValue, match="depth is 0"):
        RRF(retrievers, depth=0)
    with pytest.raises(BadValue, match="once each"):
        RRF(retrievers).retrieve([QUERIES[0], QUERIES[0]], k=3)
    with pytest.raises(BadValue, match="k is -1"):
        RRF(retrievers).retrieve(QUERIES, k=-1)
