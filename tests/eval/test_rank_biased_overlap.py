"""Published and brute-force values of the extrapolated overlap."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irloom.core.errors import BadValue
from irloom.core.ranking import Ranking
from irloom.eval.rank_biased_overlap import rank_biased_overlap

ORDER = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


def equation_32(first: list[str], second: list[str], p: float) -> float:
    """Webber et al. 2010, equation 32, as it is printed: s and end are the shorter and the longer length, X_d the overlap at d."""
    short, long = sorted((first, second), key=len)
    s, end = len(short), len(long)
    overlap = [len(set(short[:d]) & set(long[:d])) for d in range(end + 1)]
    seen = sum(overlap[d] / d * p**d for d in range(1, end + 1))
    seen += sum(overlap[s] * (d - s) / (s * d) * p**d for d in range(s + 1, end + 1))
    return (1 - p) / p * seen + ((overlap[end] - overlap[s]) / end + overlap[s] / s) * p**end


def test_goldens() -> None:
    # eval-conventions: identical 1, swap of the first two of five .9, disjoint 0, at p = .9
    identical = Ranking.from_order("abcde")
    assert rank_biased_overlap(identical, identical) == pytest.approx(1, abs=1e-12)
    assert rank_biased_overlap(identical, Ranking.from_order("bacde")) == pytest.approx(0.9, abs=1e-12)
    assert rank_biased_overlap(identical, Ranking.from_order("vwxyz")) == 0


@given(ORDER, ORDER, st.floats(0.05, 0.99))
def test_equal_to_the_equation(first: list[str], second: list[str], p: float) -> None:
    found = rank_biased_overlap(Ranking.from_order(first), Ranking.from_order(second), p=p)
    expected = equation_32(first, second, p) if first and second else float(first == second)
    assert found == pytest.approx(expected, abs=1e-9)
    assert 0 <= found <= 1 + 1e-12
    assert rank_biased_overlap(Ranking.from_order(second), Ranking.from_order(first), p=p) == pytest.approx(found, abs=1e-12)


def test_ties_share_the_rank_of_their_first() -> None:
    # a and b are tied at rank 1, so at depth 1 the sets are {a, b} and {b}: agreement 2 * 1 / 3; from depth 2 on they are equal.
    tied, other = Ranking(["a", "b"], np.ones(2, np.float32)), Ranking.from_order("ba")
    assert rank_biased_overlap(tied, other, ties=True) == pytest.approx(0.1 * 2 / 3 + 0.1 * 0.9 + 0.9**2)
    assert rank_biased_overlap(tied, other) == pytest.approx(0.1 * 0 + 0.1 * 0.9 + 0.9**2)


@given(st.data(), ORDER.filter(bool))
def test_the_order_within_ties_does_not_count(data: st.DataObject, ids: list[str]) -> None:
    scores = np.sort(np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(ids), max_size=len(ids))), np.float32))[::-1]
    shuffled = [doc for _, doc in sorted(zip((-scores).tolist(), data.draw(st.permutations(ids)), strict=True), key=lambda pair: pair[0])]
    groups = {float(score): {doc for doc, own in zip(ids, scores, strict=True) if own == score} for score in scores}
    reordered = [doc for score in sorted(groups, reverse=True) for doc in data.draw(st.permutations(sorted(groups[score])))]
    first, same = Ranking(ids, scores), Ranking(reordered, scores)
    assert rank_biased_overlap(first, same, ties=True) == pytest.approx(1, abs=1e-12)
    other = Ranking(shuffled, scores)
    assert rank_biased_overlap(first, other, ties=True) == pytest.approx(rank_biased_overlap(same, other, ties=True), abs=1e-12)


def test_strictly_falling_scores_have_no_ties() -> None:
    rng = np.random.default_rng(1)
    one, other = Ranking.from_order(list("abcdef")), Ranking.from_order([str(doc) for doc in rng.permutation(list("abcdexyz"))])
    assert all(above > below for above, below in pairwise(one.scores.tolist()))
    assert rank_biased_overlap(one, other, ties=True) == pytest.approx(rank_biased_overlap(one, other))


def test_refused() -> None:
    one = Ranking.from_order("ab")
    for p in (0, 1, -1):
        with pytest.raises(BadValue, match="p is"):
            rank_biased_overlap(one, one, p=p)
    for pair in ((one, Ranking.from_order("aba")), (Ranking.from_order("aa"), one)):
        with pytest.raises(BadValue, match="twice"):
            rank_biased_overlap(*pair)
