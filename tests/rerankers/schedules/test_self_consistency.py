"""Self-consistency: shuffles are asked about, put back and brought to one order."""

from collections.abc import Sequence

import pytest

from irloom.core.errors import BadValue
from irloom.rerankers.comparators.contract import Answer
from irloom.rerankers.schedules.contract import Group
from irloom.rerankers.schedules.drive import Outcome, drive
from irloom.rerankers.schedules.self_consistency import SelfConsistency
from irloom.rerankers.schedules.window import Full, Window


def run(schedule: SelfConsistency, n: int, asked: list[list[Group]], *, lost: int = 0) -> Outcome:
    """The best place is the highest; a comparator with a bias leaves what it sees in the first `lost` places last."""

    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[list[int]]]:
        asked.append([group for _, group in requests])
        return [Answer(sorted(range(len(group)), key=lambda one: (one < lost, -group[one]))) for _, group in requests]

    (outcome,) = drive(schedule, [n], ask, top=10)
    return outcome


def test_a_bias_of_place_averages_out() -> None:
    asked: list[list[Group]] = []
    outcome = run(SelfConsistency(Full(), samples=30), 8, asked, lost=2)
    assert outcome.order == list(range(8))[::-1]
    assert outcome.groups == 30
    assert len(asked) == 1
    assert len(set(asked[0])) > 25
    assert all(sorted(group) == list(range(8)) for group in asked[0])
    assert run(SelfConsistency(Full(), samples=1), 8, [], lost=2).order != outcome.order
    assert run(SelfConsistency(Full(), samples=400, aggregation="borda"), 8, [], lost=2).order == outcome.order


def test_windows_inside() -> None:
    asked: list[list[Group]] = []
    outcome = run(SelfConsistency(Window(4, 2), samples=3, seed=1), 8, asked)
    assert outcome.order[:2] == [7, 6]
    assert [len(groups) for groups in asked] == [3, 3, 3]
    assert all(sorted(group) == [4, 5, 6, 7] for group in asked[0])
    again: list[list[Group]] = []
    run(SelfConsistency(Window(4, 2), samples=3, seed=1), 8, again)
    assert again == asked
    run(SelfConsistency(Window(4, 2), samples=3, seed=2), 8, again := [])
    assert again != asked


def test_nothing_to_order() -> None:
    assert run(SelfConsistency(), 1, []).order == [0]
    assert run(SelfConsistency(), 0, []).groups == 0


def test_settings() -> None:
    with pytest.raises(BadValue, match="samples"):
        SelfConsistency(samples=0)
    with pytest.raises(BadValue, match="aggregation"):
        SelfConsistency(aggregation="mean")  # type: ignore[arg-type]
