import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from irloom.core.run import Run
from irloom.fusion.align import align
from irloom.fusion.condorcet import condorcet
from irloom.fusion.fuse import fuse

Rankings = list[list[str]]


def runs_of(rankings: Rankings) -> list[Run]:
    return [Run.from_dict({"q": {doc_id: -float(place) for place, doc_id in enumerate(ranking)}}) for ranking in rankings]


def beats(rankings: Rankings, one: str, other: str) -> int:
    """How many more rankings put `one` above `other` than below; one that has neither says nothing."""
    last = 10**6
    places = [(ranking.index(one) if one in ranking else last, ranking.index(other) if other in ranking else last) for ranking in rankings]
    return sum((a < b) - (a > b) for a, b in places)


def test_the_majority_wins_against_points() -> None:
    # a beats b two to one; by points b leads: 3 + 3 + 4 = 10 against 4 + 4 + 1 = 9
    rankings = [["a", "b", "c", "d"], ["a", "b", "c", "d"], ["b", "c", "d", "a"]]
    assert fuse(runs_of(rankings), "condorcet")["q"].doc_ids == ["a", "b", "c", "d"]
    assert fuse(runs_of(rankings), "borda")["q"].doc_ids == ["b", "a", "c", "d"]


def test_scores_count_down_by_query() -> None:
    runs = [Run.from_dict({"q": {"a": 2.0, "b": 1.0}, "empty": {}, "p": {"c": 1.0}})]
    assert condorcet(align(runs)).tolist() == [1, 2, 1]  # documents b, a; c


def test_a_circle_is_cut_open() -> None:
    rankings = [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]
    order = fuse(runs_of(rankings), "condorcet")["q"].doc_ids
    assert all(beats(rankings, one, other) > 0 for one, other in itertools.pairwise(order))


@settings(max_examples=200)
@given(st.lists(st.permutations("abcdefg").flatmap(lambda p: st.integers(0, 7).map(lambda n: p[:n])), min_size=1, max_size=5))
def test_each_document_holds_against_the_next(rankings: Rankings) -> None:
    runs = runs_of(rankings)
    order = fuse(runs, "condorcet")["q"].doc_ids
    points = dict(fuse(runs, "borda")["q"])
    for one, other in itertools.pairwise(order):
        margin = beats(rankings, one, other)
        assert margin > 0 or (margin == 0 and (points[one], one) > (points[other], other))


def test_the_winner_of_every_duel_is_first() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        rankings = [list(rng.permutation(list("abcdefgh"))) for _ in range(3)]
        winners = [one for one in "abcdefgh" if all(beats(rankings, one, other) > 0 for other in "abcdefgh" if other != one)]
        if winners:
            assert fuse(runs_of(rankings), "condorcet")["q"].doc_ids[:1] == winners
