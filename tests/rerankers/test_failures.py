"""Queries that could not be reranked: one warning, or an error where there are no others."""

import logging

import numpy as np
import pytest

from irloom.core.errors import EndpointError, ModelError
from irloom.core.types import Query
from irloom.rerankers.failures import NoneAsked, tell_failures
from irloom.rerankers.head import Head, Scored

HEADS: list[Head] = [(Query(name, name), ["d"]) for name in "abc"]


def scored(*fallbacks: str) -> list[Scored]:
    return [Scored(np.zeros(1, np.float32), {"fallback": text}) for text in fallbacks]


def test_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tell_failures(HEADS, scored("windows of 3", "order given: status 500", "order given: no room"))
    assert [record.message for record in caplog.records] == ["2 of 3 queries failed and keep the order given; the first, 'b': status 500"]


def test_none_failed(caplog: pytest.LogCaptureFixture) -> None:
    tell_failures(HEADS, scored("", "windows of 3", "documents cut"))
    tell_failures(HEADS[:1], [Scored(np.zeros(1, np.float32))])
    tell_failures([], [])
    assert not caplog.records


def test_all_failed() -> None:
    all_ = scored(*["order given: no room"] * 3)
    with pytest.raises(NoneAsked, match=r"^all 3 queries failed; the first, 'a': no room; name a model of a longer context"):
        tell_failures(HEADS, all_)
    asked = [*all_[1:], Scored(np.zeros(1, np.float32), {"fallback": "order given: status 500", "calls": 1})]
    with pytest.raises(ModelError, match="all 3") as caught:
        tell_failures(HEADS, asked)
    assert not isinstance(caught.value, NoneAsked)
    with pytest.raises(EndpointError, match="gone"):
        tell_failures(HEADS, all_, error=EndpointError("http://here", "gone"))
