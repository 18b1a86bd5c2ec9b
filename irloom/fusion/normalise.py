"""Normalisers: the scores of one query in one run onto a common scale.

Each takes float64 scores (n,), best first, and offsets int64 (q+1,) that say which query holds which, and gives float64 (n,).

Differs: ranx takes no difference, greatest score or deviation below 1e-9 as a divisor, so its results for very small scores depend on
their scale; here only a divisor that is not above 0 is replaced, by 1.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, UnknownName

Scores: TypeAlias = NDArray[np.float64]
Offsets: TypeAlias = NDArray[np.int64]
Normaliser: TypeAlias = Callable[[Scores, Offsets], Scores]
Value = TypeVar("Value", bound=np.generic)


def minmax(scores: Scores, offsets: Offsets) -> Scores:
    """(s - min) / (max - min): from 0 for the last document to 1 for the first; equal scores all have 0."""
    low, high = per_query(np.minimum, scores, offsets), per_query(np.maximum, scores, offsets)
    return (scores - spread(low, offsets)) / spread(_divisor(high - low), offsets)


def centred(scores: Scores, offsets: Offsets) -> Scores:
    """(s - (max + min) / 2) / (max - min): from -0.5 to 0.5, so that a missing document's 0 stands half-way; equal scores all have 0."""
    low, high = per_query(np.minimum, scores, offsets), per_query(np.maximum, scores, offsets)
    return (scores - spread((high + low) / 2, offsets)) / spread(_divisor(high - low), offsets)


def maximum(scores: Scores, offsets: Offsets) -> Scores:
    """Score over max: for scores from 0 up. A query whose greatest score is not above 0 keeps its scores as they are."""
    return scores / spread(_divisor(per_query(np.maximum, scores, offsets)), offsets)


def total(scores: Scores, offsets: Offsets) -> Scores:
    """(s - min) over the sum of all (s - min): they add up to 1; equal scores all have 0."""
    above = scores - spread(per_query(np.minimum, scores, offsets), offsets)
    return above / spread(_divisor(per_query(np.add, above, offsets)), offsets)


def zscore(scores: Scores, offsets: Offsets) -> Scores:
    """(s - mean) / standard deviation of the n scores; a missing document's 0 would mean average, so take missing="min"."""
    counts = np.maximum(np.diff(offsets), 1)
    mixed = per_query(np.maximum, scores, offsets) > per_query(np.minimum, scores, offsets)
    mean = spread(per_query(np.add, scores, offsets) / counts, offsets)
    away = np.where(spread(mixed, offsets), scores - mean, 0.0)
    return away / spread(_divisor(np.sqrt(per_query(np.add, away**2, offsets) / counts)), offsets)


def rank(scores: Scores, offsets: Offsets) -> Scores:
    """1 - i/n for the document in place i from 0: only the order counts."""
    place = np.arange(len(scores)) - spread(offsets[:-1].astype(np.float64), offsets)
    return 1.0 - place / spread(np.diff(offsets).astype(np.float64), offsets)


def unchanged(scores: Scores, _offsets: Offsets) -> Scores:
    """The scores as they are: for runs on one scale."""
    return scores


def tmm(floor: float) -> Normaliser:
    """(s - floor) / (max - floor), where `floor` is the least score that the method could give: 0 for BM25, -1 for a cosine.

    Paper: Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", 2023, equation 5.
    """

    def normaliser(scores: Scores, offsets: Offsets) -> Scores:
        return (scores - floor) / spread(_divisor(per_query(np.maximum, scores, offsets) - floor), offsets)

    return normaliser


NORMALISERS: Mapping[str, Normaliser] = {
    "minmax": minmax,
    "centred": centred,
    "max": maximum,
    "sum": total,
    "zscore": zscore,
    "rank": rank,
    "none": unchanged,
}


def normaliser_by_name(name: str) -> Normaliser:
    """One of NORMALISERS, or `tmm(FLOOR)` with a number.

    Raises:
        UnknownName: there is none of that name.
        BadValue: the floor is not a number.
    """
    if name.startswith("tmm(") and name.endswith(")"):
        try:
            floor = float(name[4:-1])
        except ValueError:
            raise BadValue("floor of tmm", name[4:-1], "a number, as in 'tmm(-1)'") from None
        if not np.isfinite(floor):
            raise BadValue("floor of tmm", name[4:-1], "a finite number")
        return tmm(floor)
    if name not in NORMALISERS:
        raise UnknownName("normaliser", name, [*NORMALISERS, "borda", "tmm(0)"])
    return NORMALISERS[name]


def per_query(reduce: np.ufunc, scores: Scores, offsets: Offsets) -> Scores:
    """float64 (q,): each query's scores reduced to one; 0 for a query without any."""
    values = np.zeros(len(offsets) - 1, np.float64)
    filled = np.flatnonzero(np.diff(offsets))
    if len(filled):
        values[filled] = reduce.reduceat(scores, offsets[filled])
    return values


def spread(values: NDArray[Value], offsets: Offsets) -> NDArray[Value]:
    """(n,) of the values' type: each query's value at each of its scores."""
    return np.repeat(values, np.diff(offsets))


def _divisor(values: Scores) -> Scores:
    return np.where(values > 0, values, 1.0)
