"""Propensities: how likely a searcher looks at a rank, estimated from clicks alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError
from irloom.data.click_log import ClickLog

Values = NDArray[np.float64]

_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Examination:
    """The position-based model of a log: a click needs a look at the rank, and attraction by the document.

    Attributes:
        propensities: how likely a rank is looked at, by rank; relative to the first rank of the log, which has 1.
        iterations: that the estimate took.
        converged: whether it stood still before they ran out.
    """

    propensities: Mapping[int, float]
    iterations: int
    converged: bool


def estimate_propensities(log: ClickLog, *, iterations: int = 10_000, tolerance: float = 1e-7) -> Examination:
    """Fits the position-based model, P(click) = propensity of the rank x attraction of query and document, by expectation-maximisation.

    Ranks are told apart only by documents that one query showed at several of them, so ranks that no such document links, over others
    or directly, cannot be compared.

    Args:
        log: impressions and clicks.
        iterations: at most, 1 or more.
        tolerance: the estimate stands when no relative propensity moves by more in an iteration.

    Raises:
        DataError: ranks cannot be compared, or nothing was clicked at the first one.
        BadValue: `iterations` is below 1.

    Paper:
        Wang, Golbandi, Bendersky, Metzler and Najork, "Position bias estimation for unbiased learning to rank in personal search", WSDM
        2018, section 4 (standard EM).
    Differs:
        Impressions are counted by pair and rank, not looped over. Only the products are determined, so propensities are divided by that of
        the log's first rank; one may come out above 1 where a lower rank is looked at more.
    """
    if iterations < 1:
        raise BadValue("iterations", iterations, "1 or more")
    ranks, place = np.unique(log.rank, return_inverse=True)
    if not log.clicks[log.rank == ranks[0]].any():
        problem = "nothing can be compared with it; give the propensities, or a longer log"
        raise DataError(f"none of the log's {log.impressions.sum():,} impressions was clicked at its first rank, {ranks[0]}: {problem}")
    _check_linked(log, ranks, place)
    look, attraction = np.full(len(ranks), 0.5), np.full(len(log.pairs), 0.5)
    shown_at, shown = np.bincount(place, log.impressions), np.bincount(log.pair, log.impressions)
    passed = (log.impressions - log.clicks).astype(np.float64)
    before = look / look[0]
    done, converged = 0, False
    while done < iterations and not converged:
        looked, drawn = look[place], attraction[log.pair]
        idle = passed / np.maximum(1 - looked * drawn, _SMALLEST)
        look = np.bincount(place, log.clicks + idle * looked * (1 - drawn)) / shown_at
        attraction = np.bincount(log.pair, log.clicks + idle * drawn * (1 - looked)) / shown
        relative = look / look[0]
        done, converged = done + 1, bool(np.abs(relative - before).max() <= tolerance)
        before = relative
    return Examination(dict(zip(ranks.tolist(), before.tolist(), strict=True)), done, converged)


def _check_linked(log: ClickLog, ranks: NDArray[np.int64], place: NDArray[np.int64]) -> None:
    """Refuses ranks that no chain of documents, each shown at several ranks, links to the first one.

    A pair without any click tells nothing of ranks: any propensity explains it.
    """
    clicked = np.bincount(log.pair, log.clicks) > 0
    linked = np.arange(len(ranks))
    seen: dict[int, int] = {}
    for pair, at in zip(log.pair.tolist(), place.tolist(), strict=True):
        if clicked[pair]:
            other = seen.setdefault(pair, at)
            linked[linked == linked[at]] = linked[other]
    apart = ranks[linked != linked[0]]
    if len(apart):
        named = ", ".join(map(str, apart[:5].tolist())) + (", ..." if len(apart) > 5 else "")
        raise DataError(
            f"rank {named} cannot be compared with rank {ranks[0]}: no clicked document of one query was shown at both, "
            "nor at ranks that link them; give the propensities, or a log in which rankings changed"
        )
