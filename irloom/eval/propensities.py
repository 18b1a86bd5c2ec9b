"""Propensities: how likely a searcher looks at a rank, estimated from clicks on documents that were shown at several ranks."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError
from irloom.data.click_log import ClickLog, Ints

Values = NDArray[np.float64]

_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Examination:
    """How likely each rank of a log is looked at.

    Attributes:
        propensities: by rank; relative to the first rank of the log, which has 1.
        iterations: that the estimate took.
        converged: whether it stood still before they ran out.
    """

    propensities: Mapping[int, float]
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Interventions:
    """Ranks two by two, with what was shown at both: as if each document had been moved to see what that does.

    Attributes:
        ranks: int64 (r,), ascending.
        both: int64 (s, 2), the places in `ranks` of each two ranks that a document was shown at.
        shown: float64 (s,), the weight of the documents shown at both; the same at either rank.
        clicked: float64 (s, 2), the part of it that was clicked at each of the two.
    """

    ranks: Ints
    both: Ints
    shown: Values
    clicked: Values


def estimate_propensities(log: ClickLog, *, iterations: int = 100_000, tolerance: float = 1e-9) -> Examination:
    """Compares the clicks of each two ranks on the documents that one query showed at both, and fits propensities to all of them.

    A click takes a look at the rank and a document that attracts (the position-based model); what attracts is the same at both ranks, so
    that clicks differ by the looks alone. This holds for sparse logs too, where a document has few impressions. Which of the ranks a
    document stood at must not depend on whether it was about to be clicked. Ranks that no documents link, over others or directly, cannot
    be compared.

    Args:
        log: impressions and clicks.
        iterations: at most, 1 or more.
        tolerance: the estimate stands when no relative propensity moves by more in an iteration.

    Raises:
        DataError: ranks cannot be compared, or nothing was clicked at the first one.
        BadValue: `iterations` is below 1.

    Paper:
        Agarwal, Zaitsev, Wang, Li, Najork and Joachims, "Estimating position bias without intrusive interventions", WSDM 2019 (intervention
        harvesting, the AllPairs estimator). Its likelihood is climbed by expectation-maximisation as in Wang, Golbandi, Bendersky, Metzler
        and Najork, "Position bias estimation for unbiased learning to rank in personal search", WSDM 2018, section 4.
    Differs:
        A document shown n times at the one rank and m times at the other weighs n m / (n + m), as in Mantel and Haenszel's ratio, not 1,
        which spreads less. Only ratios are determined, so propensities are divided by that of the log's first rank; one may come out above
        1 where a lower rank is looked at more.
    """
    if iterations < 1:
        raise BadValue("iterations", iterations, "1 or more")
    ranks = np.unique(log.rank)
    if not log.clicks[log.rank == ranks[0]].any():
        problem = "nothing can be compared with it; give the propensities, or a longer log"
        raise DataError(f"none of the log's {log.impressions.sum():,} impressions was clicked at its first rank, {ranks[0]}: {problem}")
    found = _interventions(log, ranks)
    _check_linked(found)
    if len(ranks) == 1:
        return Examination({int(ranks[0]): 1.0}, 0, converged=True)
    look, attraction = np.full(len(ranks), 0.5), np.full(len(found.both), 0.5)
    weight = np.bincount(found.both.ravel(), np.repeat(found.shown, 2), minlength=len(ranks))
    passed, before = found.shown[:, None] - found.clicked, look / look[0]
    done, converged = 0, False
    while done < iterations and not converged:
        looked, drawn = look[found.both], attraction[:, None]
        idle = passed / np.maximum(1 - looked * drawn, _SMALLEST)
        look = np.bincount(found.both.ravel(), (found.clicked + idle * looked * (1 - drawn)).ravel(), minlength=len(ranks)) / weight
        attraction = (found.clicked + idle * drawn * (1 - looked)).sum(axis=1) / (2 * found.shown)
        relative = look / look[0]
        done, converged = done + 1, bool(np.abs(relative - before).max() <= tolerance)
        before = relative
    return Examination(dict(zip(ranks.tolist(), before.tolist(), strict=True)), done, converged)


def _interventions(log: ClickLog, ranks: Ints) -> _Interventions:
    """Each two ranks that a document with a click was shown at; those without any click tell nothing and are left out."""
    place = np.searchsorted(ranks, log.rank)
    order = np.lexsort((place, log.pair))
    starts = np.searchsorted(log.pair[order], np.arange(len(log.pairs) + 1))
    counts = np.diff(starts)
    table: dict[tuple[int, int], Values] = {}
    for first, second in combinations(range(int(counts.max(initial=0))), 2):
        rows = order[starts[:-1][counts > second] + first], order[starts[:-1][counts > second] + second]
        shown = [log.impressions[row].astype(np.float64) for row in rows]
        weight = shown[0] * shown[1] / (shown[0] + shown[1])
        values = np.stack([weight, *(log.clicks[row] / count * weight for row, count in zip(rows, shown, strict=True))], axis=1)
        keys, which = np.unique(np.stack([place[row] for row in rows], axis=1), axis=0, return_inverse=True)
        sums = np.stack([np.bincount(which.ravel(), column, minlength=len(keys)) for column in values.T], axis=1)
        for key, total in zip(map(tuple, keys.tolist()), sums, strict=True):
            table[key] = table.get(key, np.zeros(3)) + total
    kept = {key: total for key, total in sorted(table.items()) if total[1:].any()}
    totals = np.array(list(kept.values()), np.float64).reshape(-1, 3)
    return _Interventions(ranks, np.array(list(kept), np.int64).reshape(-1, 2), totals[:, 0], totals[:, 1:])


def _check_linked(found: _Interventions) -> None:
    linked = np.arange(len(found.ranks))
    for first, second in found.both.tolist():
        linked[linked == linked[second]] = linked[first]
    apart = found.ranks[linked != linked[0]]
    if len(apart):
        named = ", ".join(map(str, apart[:5].tolist())) + (", ..." if len(apart) > 5 else "")
        raise DataError(
            f"rank {named} cannot be compared with rank {found.ranks[0]}: no clicked document of one query was shown at both, "
            "nor at ranks that link them; give the propensities, or a log in which rankings changed"
        )
