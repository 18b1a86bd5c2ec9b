"""Head sets: names of heads, orders, published sets."""

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.rerankers.attention.head_set import PUBLISHED, HeadSet, head_ids, parse_head, ranked_heads


def test_names() -> None:
    assert parse_head(" 13-18 ") == (13, 18)
    assert head_ids(["1-2", (0, 3)]) == ((1, 2), (0, 3))
    for bad in ("", "1", "1-", "-1", "a-b", "1-2-3", "1--2", "١-٢"):
        with pytest.raises(BadValue):
            parse_head(bad)


def test_ranked() -> None:
    heads, scores = ranked_heads(np.array([[0.1, 0.5], [0.5, -0.2]], np.float32))
    assert heads == ((0, 1), (1, 0), (0, 0), (1, 1))
    assert scores == pytest.approx((0.5, 0.5, 0.1, -0.2))


def test_published() -> None:
    assert PUBLISHED["llama-3.1-8b-instruct/lme"].heads[:2] == ((13, 18), (13, 21))
    assert {len(heads.heads) for heads in PUBLISHED.values()} == {16}


def test_sets() -> None:
    heads = HeadSet(((0, 1), (1, 0)), (0.5, 0.1))
    assert heads.best(1) == ((0, 1),)
    assert heads.best(9) == heads.heads
    for bad in (((), ()), (((0, 0), (0, 0)), ()), (((0, 0),), (1.0, 2.0))):
        with pytest.raises(BadValue):
            HeadSet(*bad)
    with pytest.raises(BadValue):
        heads.best(0)
