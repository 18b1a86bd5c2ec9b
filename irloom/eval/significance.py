"""Significance of differences over the same queries: paired tests, corrections for several of them, letters for a table."""

import math
from dataclasses import dataclass
from itertools import combinations
from string import ascii_letters

import numpy as np
from numpy.typing import ArrayLike

from irloom.core.errors import BadValue
from irloom.eval.distributions import student_p, student_tail
from irloom.eval.paired import Values, paired_differences, ratio, summary

_GROUP = 8
"""How many signs one byte decides."""
_AT_ONCE = 16
"""So many signs, or two to this power of samples, are held at once."""


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A paired test of the mean difference `a - b` over queries.

    Attributes:
        difference: the mean of a - b.
        statistic: t; plus or minus infinity where every query differs by the same amount.
        p_value: two-sided.
        queries: how many.
        deviation: the standard deviation of the differences (with n - 1); 0 for one query.
    """

    difference: float
    statistic: float
    p_value: float
    queries: int
    deviation: float

    @property
    def effect_size(self) -> float:
        """Cohen's d of paired values: the mean difference in standard deviations of the differences."""
        return ratio(self.difference, self.deviation)


@dataclass(frozen=True, slots=True)
class RandomisationTest:
    """A sign-flip randomisation test of the mean difference `a - b` over queries.

    Attributes:
        difference: the mean of a - b.
        p_value: two-sided.
        samples: how many assignments of signs were looked at.
        exact: whether they were all that there are.
    """

    difference: float
    p_value: float
    samples: int
    exact: bool


@dataclass(frozen=True, slots=True)
class EquivalenceTest:
    """Two one-sided t-tests of the mean difference `a - b` against a margin.

    Attributes:
        difference: the mean of a - b.
        margin: the largest loss, or difference, that does not matter.
        noninferior_p: of "a is worse than b by the margin or more": small where a is not worse.
        equivalent_p: of "a and b differ by the margin or more": small where they are as good as equal.
        queries: how many.
    """

    difference: float
    margin: float
    noninferior_p: float
    equivalent_p: float
    queries: int


def paired_t_test(a: ArrayLike, b: ArrayLike) -> PairedTest:
    """Student's paired t-test, two-sided. One query, and systems that never differ, have p = 1.

    Args:
        a: float64 (q,), a system by query.
        b: float64 (q,), the other over the same queries.

    Raises:
        BadValue: there are no queries, not as many in both, or a value that is not finite.

    Paper: Student, "The probable error of a mean", 1908; for retrieval: Smucker, Allan and Carterette, "A comparison of statistical
        significance tests for information retrieval evaluation", 2007.

    >>> test = paired_t_test([0.5, 0.6, 0.7, 0.2, 0.9, 0.4], [0.4, 0.6, 0.5, 0.3, 0.7, 0.4])
    >>> round(test.statistic, 4), round(test.p_value, 6)
    (1.3484, 0.235387)
    """
    mean, deviation, queries = summary(paired_differences(a, b))
    if queries < 2:
        return PairedTest(mean, 0.0, 1.0, queries, 0.0)
    statistic = ratio(mean, deviation / math.sqrt(queries))
    return PairedTest(mean, statistic, student_p(statistic, queries - 1), queries, deviation)


def randomisation_test(a: ArrayLike, b: ArrayLike, *, samples: int = 100_000, seed: int = 0) -> RandomisationTest:
    """Fisher's randomisation test: how often flipping the signs of the differences at random makes a mean as far from 0.

    Queries without a difference do not matter, whatever their sign. With m others, all 2^m assignments are looked at when that is no more
    than `samples`; else `samples` are drawn, and p = (c + 1) / (samples + 1). Memory stays at some megabytes, whatever `samples` is.

    Args:
        a: float64 (q,), a system by query.
        b: float64 (q,), the other over the same queries.
        samples: how many assignments of signs at most, 1 or more.
        seed: of the draw, 0 or more.

    Raises:
        BadValue: there are no queries, not as many in both, a value that is not finite, `samples` is below 1, or `seed` below 0.

    Paper: Fisher, "The design of experiments", 1935, section 21; Phipson and Smyth, "Permutation p-values should never be zero", 2010.

    >>> randomisation_test([0.5, 0.6, 0.7, 0.2, 0.9, 0.4], [0.4, 0.6, 0.5, 0.3, 0.7, 0.4]).p_value
    0.375
    """
    if samples < 1:
        raise BadValue("samples", samples, "1 or more")
    if seed < 0:
        raise BadValue("seed", seed, "0 or more")
    differences = paired_differences(a, b)
    moved = differences[differences != 0]
    exact = 2.0 ** min(len(moved), 1000) <= samples
    bound = abs(float(moved.sum())) - 1e-10 * float(np.abs(moved).sum())
    if exact:
        extreme, looked_at = _all_extreme(moved, bound), 2 ** len(moved)
        p_value = extreme / looked_at
    else:
        extreme, looked_at = _drawn_extreme(moved, bound, samples, seed), samples
        p_value = (extreme + 1) / (samples + 1)
    return RandomisationTest(float(differences.mean()), p_value, looked_at, exact)


def tost(a: ArrayLike, b: ArrayLike, *, margin: float) -> EquivalenceTest:
    """Two one-sided paired t-tests: whether `a` is worse than `b` by less than `margin`, and whether they differ by less.

    With one query both p-values are 1.

    Args:
        a: float64 (q,), the system that may have lost, by query.
        b: float64 (q,), the one it is held against.
        margin: the loss that does not matter, above 0, such as 0.005 for compression.

    Raises:
        BadValue: `margin` is not above 0, or the values cannot be paired.

    Paper: Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", 1987.
    """
    if not (margin > 0 and math.isfinite(margin)):
        raise BadValue("margin", margin, "a number above 0")
    mean, deviation, queries = summary(paired_differences(a, b))
    if queries < 2:
        return EquivalenceTest(mean, margin, 1.0, 1.0, queries)
    error = deviation / math.sqrt(queries)
    not_worse = student_tail(ratio(mean + margin, error), queries - 1)
    not_better = student_tail(ratio(margin - mean, error), queries - 1)
    return EquivalenceTest(mean, margin, not_worse, max(not_worse, not_better), queries)


def holm(p_values: ArrayLike) -> Values:
    """Holm's adjusted p-values, which bound the chance of a single false discovery in the family.

    Args:
        p_values: float64 (m,), the family.

    Returns:
        float64 (m,), in the same order.

    Raises:
        BadValue: one is not between 0 and 1.

    Paper: Holm, "A simple sequentially rejective multiple test procedure", 1979.

    >>> holm([0.01, 0.04, 0.03, 0.005]).round(4).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    p = _probabilities(p_values)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> Values:
    """Benjamini and Hochberg's adjusted p-values, which bound the share of false discoveries among all.

    Args:
        p_values: float64 (m,), the family.

    Returns:
        float64 (m,), in the same order.

    Raises:
        BadValue: one is not between 0 and 1.

    Paper: Benjamini and Hochberg, "Controlling the false discovery rate", 1995.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.005]).round(4).tolist()
    [0.02, 0.04, 0.04, 0.02]
    """
    p = _probabilities(p_values)
    order = np.argsort(-p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1)), 1.0)
    return adjusted


def pairwise_p(values: ArrayLike) -> Values:
    """The paired t-test of each pair of systems, Holm over all pairs.

    Args:
        values: float64 (systems, q), one measure.

    Returns:
        float64 (systems, systems), symmetric; 1 on the diagonal.
    """
    rows = np.asarray(values, np.float64)
    if rows.ndim != 2:
        raise BadValue("values", rows.shape, "two axes: systems, queries")
    pairs = list(combinations(range(len(rows)), 2))
    adjusted = holm([paired_t_test(rows[i], rows[j]).p_value for i, j in pairs])
    result = np.ones((len(rows), len(rows)))
    for (i, j), p_value in zip(pairs, adjusted.tolist(), strict=True):
        result[i, j] = result[j, i] = p_value
    return result


def letters(values: ArrayLike, *, alpha: float = 0.05) -> list[str]:
    """For each system the letters of those that it beats significantly: system 0 is `a`, 1 is `b` and so on.

    Args:
        values: float64 (systems, q), one measure.
        alpha: the level, after Holm over all pairs.

    Returns:
        A text per system, "" where it beats none.

    >>> letters([[0.9, 0.8, 0.9, 0.7], [0.1, 0.1, 0.2, 0.0], [0.1, 0.2, 0.1, 0.1]])
    ['bc', '', '']
    """
    rows = np.asarray(values, np.float64)
    beats = (pairwise_p(rows) < alpha) & (rows.mean(axis=1)[:, None] > rows.mean(axis=1))
    return ["".join(letter(other) for other in np.flatnonzero(row).tolist()) for row in beats]


def letter(place: int) -> str:
    """The letter of the system at a place from 0: a to z, A to Z, then `(53)` and so on."""
    return ascii_letters[place] if place < len(ascii_letters) else f"({place + 1})"


def _all_sums(differences: Values) -> Values:
    """float64 (2^m,): the sum under each assignment of signs."""
    sums = np.zeros(1)
    for difference in differences.tolist():
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


def _all_extreme(differences: Values, bound: float) -> int:
    """How many of all assignments of signs give a sum of `bound` or more in size."""
    sums = _all_sums(differences[:_AT_ONCE])
    return sum(int((np.abs(sums + rest) >= bound).sum()) for rest in _all_sums(differences[_AT_ONCE:]).tolist())


def _drawn_extreme(differences: Values, bound: float, samples: int, seed: int) -> int:
    """How many of the assignments drawn do; a byte decides eight signs, and their sum is looked up in a table of 256."""
    random = np.random.default_rng(seed)
    tables = [_all_sums(differences[start : start + _GROUP]) for start in range(0, len(differences), _GROUP)]
    extreme = 0
    for start in range(0, samples, 2**_AT_ONCE):
        sums = np.zeros(min(2**_AT_ONCE, samples - start))
        for table in tables:
            drawn = np.frombuffer(random.bytes(len(sums)), np.uint8)
            sums += table[drawn & (len(table) - 1)]
        extreme += int((np.abs(sums) >= bound).sum())
    return extreme


def _probabilities(p_values: ArrayLike) -> Values:
    p = np.asarray(p_values, np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise BadValue("p_values", p.tolist(), "numbers from 0 to 1, in one row")
    return p
