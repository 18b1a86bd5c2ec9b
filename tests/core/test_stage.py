"""Pipelines: composition, depths, checks."""

from collections.abc import Sequence

import pytest

from irloom.core.errors import BadValue
from irloom.core.ranking import Ranking
from irloom.core.run import Run
from irloom.core.stage import Pipeline, Reranker, Retriever, check_request
from irloom.core.types import Filter, Query


class Alphabet(Retriever):
    """Finds the letters in order, and notes what it was asked for."""

    fingerprint = "alphabet"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        self.asked.append(k)
        return Run.from_rankings({query.id: Ranking.from_order("abcdefghij"[:k]) for query in queries})


class Reverse(Reranker):
    """Turns the head round."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.asked: list[int] = []

    @property
    def fingerprint(self) -> str:
        return f"reverse {self.depth}"

    def rerank(self, queries: Sequence[Query], run: Run, *, k: int) -> Run:
        self.asked.append(k)
        heads = {query.id: Ranking.from_order(list(reversed(run[query.id].doc_ids[: self.depth]))) for query in queries}
        tails = {query.id: Ranking.from_order(run[query.id].doc_ids[self.depth :]) for query in queries}
        return Run.from_rankings({query: head.then(tails[query]) for query, head in heads.items()}).cut(k)


QUERY = Query("q", "text")


def test_the_operator_composes_and_nests() -> None:
    pipeline = Alphabet() >> Reverse(3)
    assert isinstance(pipeline, Retriever)
    assert list((pipeline >> Reverse(2)).retrieve([QUERY], k=4)["q"].doc_ids) == ["b", "c", "a", "d"]
    nested = Pipeline(pipeline, [Reverse(2)])
    assert list(nested.retrieve([QUERY], k=4)["q"].doc_ids) == ["b", "c", "a", "d"]


@pytest.mark.parametrize(("k", "asked"), [(2, [6, 4, 2]), (5, [6, 5, 5]), (0, [0, 0, 0])])
def test_each_stage_is_asked_for_what_the_next_one_reads(k: int, asked: list[int]) -> None:
    retriever, wide, narrow = Alphabet(), Reverse(6), Reverse(4)
    (retriever >> wide >> narrow).retrieve([QUERY], k=k)
    assert [retriever.asked[0], wide.asked[0], narrow.asked[0]] == asked


def test_steps_name_the_stages() -> None:
    steps = list((Alphabet() >> Reverse(3)).steps([QUERY], k=2))
    assert [step.name for step in steps] == ["Alphabet", "Reverse"]
    assert all(step.seconds >= 0 for step in steps)
    assert list(steps[0].run["q"].doc_ids) == ["a", "b", "c"]


def test_fingerprints_follow_the_stages() -> None:
    pipeline = Alphabet() >> Reverse(3)
    assert pipeline.fingerprint == (Alphabet() >> Reverse(3)).fingerprint
    assert pipeline.fingerprint != (Alphabet() >> Reverse(4)).fingerprint


def test_only_rerankers_stand_on_the_right() -> None:
    with pytest.raises(BadValue, match="a Reranker"):
        Alphabet() >> Alphabet()  # type: ignore[operator]
    with pytest.raises(BadValue, match="at least one"):
        Pipeline(Alphabet(), [])


def test_requests_are_checked() -> None:
    with pytest.raises(BadValue, match="k is -1"):
        check_request([QUERY], -1)
    with pytest.raises(BadValue, match="once each"):
        check_request([QUERY, QUERY], 1)
    check_request([Query("q", "text", where=Filter('lang == "en"'))], 1)
