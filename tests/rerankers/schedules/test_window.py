"""Windows stand where the published ones stand, and one pass lifts what it can carry."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.rerankers.comparators.contract import Answer
from irloom.rerankers.schedules.contract import Group
from irloom.rerankers.schedules.drive import Ask, Outcome, drive
from irloom.rerankers.schedules.window import Full, Window, windows


def by_hidden(hidden: Sequence[int]) -> Ask[list[int]]:
    """Orders each group by a hidden order of the places: the lower the number, the better."""

    def ask(requests: Sequence[tuple[int, Group]]) -> list[Answer[list[int]]]:
        return [Answer(sorted(range(len(group)), key=lambda one: hidden[group[one]])) for _, group in requests]

    return ask


def run(schedule: Window | Full, hidden: Sequence[int], *, top: int = 10) -> Outcome:
    (outcome,) = drive(schedule, [len(hidden)], by_hidden(hidden), top=top)
    return outcome


def test_the_published_windows() -> None:
    # sheet 04: N = 100 has 9 windows; 25 has [5,25) and [0,15); 15 and 10 have one; the toolkit's asynchronous loop gives the same
    tens = [(80, 100), (70, 90), (60, 80), (50, 70), (40, 60), (30, 50), (20, 40), (10, 30), (0, 20)]
    assert list(windows(100, size=20, stride=10)) == tens
    assert list(windows(25, size=20, stride=10)) == [(5, 25), (0, 15)]
    assert list(windows(20, size=20, stride=10)) == [(0, 20)]
    assert list(windows(15, size=20, stride=10)) == [(0, 15)]
    assert list(windows(10, size=20, stride=10)) == [(0, 10)]
    assert list(windows(1, size=20, stride=10)) == []  # nothing to order
    assert list(windows(0, size=20, stride=10)) == []


@given(st.integers(0, 200), st.integers(2, 30), st.data())
def test_windows_cover_the_ranking(n: int, size: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, size))
    found = list(windows(n, size=size, stride=stride))
    if n > 1:
        assert found[0][1] == n
        assert found[-1][0] == 0
        assert len(found) == 1 + max(0, -(-(n - size) // stride))  # 1 + ceil((N - w) / s)
    assert all(end - start <= size for start, end in found)
    assert all(later[1] == earlier[1] - stride for earlier, later in pairwise(found))


@given(st.permutations(range(45)), st.integers(1, 3))
def test_one_pass_brings_the_best_ten_up(hidden: list[int], passes: int) -> None:
    outcome = run(Window(20, 10, passes), hidden)
    assert outcome.order[:10] == sorted(range(45), key=lambda place: hidden[place])[:10]
    assert sorted(outcome.order) == list(range(45))
    assert outcome.groups == 4 * passes


def test_passes_sort_on() -> None:
    hidden = np.random.default_rng(5).permutation(100).tolist()
    right = sorted(range(100), key=lambda place: hidden[place])
    sorted_so_far = [sum(one == other for one, other in zip(run(Window(passes=n), hidden).order, right, strict=True)) for n in (1, 3, 9)]
    assert sorted_so_far[0] < sorted_so_far[1] < sorted_so_far[2] == 100  # nine passes of ten places are a whole sort


def test_full() -> None:
    assert run(Full(), [2, 0, 1]).order == [1, 2, 0]
    assert run(Full(), [2, 0, 1]).groups == 1
    assert run(Full(), [0]).groups == run(Full(), []).groups == 0


def test_settings() -> None:
    for size, stride, passes in ((1, 1, 1), (20, 0, 1), (20, 21, 1), (20, 10, 0)):
        with pytest.raises(BadValue):
            Window(size, stride, passes)
