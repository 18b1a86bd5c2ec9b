"""What rerankers of comparator and schedule share: texts, notes, failures."""

import logging
from collections.abc import Sequence

import pytest

from irloom.core.errors import ModelError, UnknownDocument
from irloom.core.types import Document, Query
from irloom.rerankers.comparators.contract import FAILED, Answer, Candidates, Spent
from irloom.rerankers.head import Head
from irloom.rerankers.scheduled import scheduled
from irloom.rerankers.schedules.drive import about_groups
from irloom.rerankers.schedules.window import Window

HEADS: list[Head] = [(Query(name, name), ["d1", "d2", "d3"]) for name in ("good", "bad", "odd")]


class Texts:
    def fetch(self, doc_ids: Sequence[str]) -> list[Document]:
        if "none" in doc_ids:
            raise UnknownDocument("none")
        return [Document(doc_id, doc_id) for doc_id in doc_ids]


def order(requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
    answers = {
        "good": Answer([2, 1, 0], Spent(10, 5, 1, frozenset({"d1"}), 0.25)),
        "odd": Answer([1, 0, 2], Spent(10, 5, 1), "wrong format", "x" * 500),
        "bad": Answer([0, 1, 2], Spent(10, 0, 1), FAILED, "status 500"),
    }
    return [answers[query.text] for query, _ in requests]


def test_scores_and_notes(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = scheduled(HEADS, Texts(), Window(), lambda candidates: about_groups(order, candidates), top=10)
    good, bad, odd = [one.notes for one in found]
    assert [one.scores.tolist() for one in found] == [[1, 2, 3], [3, 2, 1], [2, 3, 1]]
    assert (good["answers"], good["wrong"], good["malformed"], good["fallback"], good["spent_usd"]) == ({"ok": 1}, "", 0, "", 0.25)
    assert (good["prompt_tokens"], good["new_tokens"], good["cut_documents"], good["windows"]) == (10, 5, 1, 1)
    assert (bad["answers"], bad["malformed"], bad["fallback"]) == ({"ok": 0, "failed": 1}, 0, "order given: status 500")
    assert (odd["answers"], odd["malformed"], odd["fallback"]) == ({"ok": 0, "wrong format": 1}, 1, "")
    assert len(str(odd["wrong"])) < 250
    assert "spent_usd" not in odd
    assert "1 of 3 queries failed and keep the order given" in caplog.text


def test_a_document_that_is_cut_counts_once_however_often_it_is_shown() -> None:
    def cutting(requests: Sequence[Candidates]) -> list[Answer[list[int]]]:
        return [
            Answer(list(range(len(documents))), Spent(calls=1, cut_documents=frozenset(one.id for one in documents if one.id != "d1")))
            for _, documents in requests
        ]

    (found,) = scheduled(HEADS[:1], Texts(), Window(2, 1, passes=3), lambda candidates: about_groups(cutting, candidates), top=10)
    assert (found.notes["calls"], found.notes["cut_documents"]) == (6, 2)


def test_all_failed() -> None:
    with pytest.raises(ModelError, match="all 1 queries failed; the first, 'bad': status 500"):
        scheduled(HEADS[1:2], Texts(), Window(), lambda candidates: about_groups(order, candidates), top=10)


def test_an_unknown_document() -> None:
    with pytest.raises(UnknownDocument):
        scheduled([(Query("q", "good"), ["none"])], Texts(), Window(), lambda candidates: about_groups(order, candidates), top=10)


def test_nothing_to_do() -> None:
    assert scheduled([], Texts(), Window(), lambda candidates: about_groups(order, candidates), top=10) == []
