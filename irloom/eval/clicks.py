"""Judgments from clicks: attraction of query and document with the position's share taken out, cut into grades."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue, DataError
from irloom.core.types import Qrels
from irloom.data.click_log import ClickLog
from irloom.eval.propensities import Values

THRESHOLDS = (0.1, 0.3, 0.6)
"""From which attraction the grades 1, 2 and 3 are given."""


@dataclass(frozen=True, slots=True)
class ClickJudgments:
    """What clicks say of documents.

    Attributes:
        qrels: grades by query, then document.
        attraction: float64 (p,), by pair of the log; NaN where it was shown too seldom.
        kept: how many pairs have a grade.
        left_out: how many pairs were shown too seldom for one.
    """

    qrels: Qrels
    attraction: Values
    kept: int
    left_out: int


def judge_clicks(
    log: ClickLog,
    propensities: Mapping[int, float],
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    min_impressions: int = 10,
    floor: float = 0.01,
) -> ClickJudgments:
    """Grades each pair of query and document by its clicks, each weighted by one over the propensity of its rank.

    The attraction is the mean over a pair's impressions of clicked / propensity, whose expectation is the chance of a click where the
    document is looked at; it can come out above 1. The grade is the number of thresholds that it reaches.

    Args:
        log: impressions and clicks.
        propensities: how likely each rank is looked at, above 0; relative ones will do.
        thresholds: ascending, each above 0.
        min_impressions: with fewer, a pair has no grade; 1 or more.
        floor: impressions at ranks of a lower propensity do not count, so that one click there cannot decide; 0 or more.

    Raises:
        DataError: a rank of the log has no propensity, or no pair was shown often enough.
        BadValue: thresholds that do not ascend, or a number out of its range.

    Paper:
        Joachims, Swaminathan and Schnabel, "Unbiased learning-to-rank with biased feedback", WSDM 2017, section 4.
    Differs:
        Ranks below the floor are left out, not weighted by the floor, so that the estimate stays unbiased.
    """
    steps = np.array(thresholds, np.float64)
    if not len(steps) or steps[0] <= 0 or np.any(np.diff(steps) <= 0) or not np.isfinite(steps).all():
        raise BadValue("thresholds", list(thresholds), "numbers above 0 that ascend")
    if min_impressions < 1:
        raise BadValue("min_impressions", min_impressions, "1 or more")
    weight = _weights(log, propensities, floor)
    counted = np.where(weight > 0, log.impressions, 0)
    shown = np.bincount(log.pair, counted, minlength=len(log.pairs))
    enough = shown >= min_impressions
    if not enough.any():
        most = f"the most is {int(shown.max())}"
        raise DataError(f"none of {len(log.pairs):,} pairs of query and document was shown {min_impressions} times; {most}")
    weighted = np.bincount(log.pair, log.clicks * weight, minlength=len(log.pairs))
    attraction = np.full(len(log.pairs), np.nan)
    np.divide(weighted, shown, out=attraction, where=enough)
    grades = np.searchsorted(steps, attraction, side="right")
    qrels: dict[str, dict[str, int]] = {}
    for place in np.flatnonzero(enough).tolist():
        query_id, doc_id = log.pairs[place]
        qrels.setdefault(query_id, {})[doc_id] = int(grades[place])
    return ClickJudgments(qrels, attraction, int(enough.sum()), int((~enough).sum()))


def _weights(log: ClickLog, propensities: Mapping[int, float], floor: float) -> Values:
    """float64 (n,): one over each count's propensity; 0 where that is below the floor."""
    if not 0 <= floor < np.inf:
        raise BadValue("floor", floor, "0 or more")
    ranks, place = np.unique(log.rank, return_inverse=True)
    missing = [rank for rank in ranks.tolist() if rank not in propensities]
    if missing:
        known = ", ".join(map(str, sorted(propensities)[:10]))
        raise DataError(f"rank {missing[0]} of the log has no propensity; there are some for {known or 'none'}")
    values = np.array([propensities[rank] for rank in ranks.tolist()], np.float64)
    for rank, value in zip(ranks.tolist(), values.tolist(), strict=True):
        if not 0 <= value < np.inf:
            raise BadValue(f"propensity of rank {rank}", value, "a number of 0 or more")
    usable = (values > 0) & (values >= floor)
    return np.divide(1.0, values, out=np.zeros(len(values)), where=usable)[place]
