"""Each run's normalised score for each document of aligned runs, and the ways to make one score of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.fusion.align import Aligned, Part
from irloom.fusion.normalise import Scores, normaliser_by_name, per_query, spread

BORDA = "borda"
"""The one normaliser that looks at the other runs too, and that says itself what a missing document gets."""

POLICIES = ("zero", "min", "skip")


def normalised(aligned: Aligned, *, normalise: str | Sequence[str] = "minmax", missing: str = "zero") -> NDArray[np.float64]:
    """float64 (runs, n): each run's score for each document, NaN where the run takes no part.

    Args:
        aligned: the runs.
        normalise: a normaliser's name, or one for each run.
        missing: what a run gives a document that it lacks: "zero"; "min" for its least normalised score for the query; "skip" for nothing.
            A run without any document for the query takes no part in it under either.

    Raises:
        UnknownName: a normaliser is unknown.
        BadValue: there are not as many normalisers as runs.
        DataError: a score is infinite or NaN.
    """
    names = check_normalisers(normalise, len(aligned.parts))
    return np.stack([_column(aligned, part, name, missing) for part, name in zip(aligned.parts, names, strict=True)])


def _column(aligned: Aligned, part: Part, name: str, missing: str) -> Scores:
    if not np.isfinite(part.scores).all():
        row = int(np.searchsorted(part.offsets, np.flatnonzero(~np.isfinite(part.scores))[0], side="right")) - 1
        raise DataError(f"query {aligned.query_ids[row]!r} has an infinite or NaN score, which cannot be fused by score; use rrf")
    counts = np.diff(part.offsets)
    if name == BORDA:
        union = np.diff(aligned.offsets).astype(np.float64)
        own = 1.0 - part.above / spread(union, part.offsets)
        absent = 0.5 - (counts - 1) / (2 * np.maximum(union, 1))
    else:
        own = normaliser_by_name(name)(part.scores.astype(np.float64), part.offsets)
        absent = {"zero": np.zeros(len(counts)), "min": per_query(np.minimum, own, part.offsets), "skip": np.full(len(counts), np.nan)}[
            missing
        ]
        absent = np.where(counts > 0, absent, np.nan)
    column = spread(absent, aligned.offsets)
    column[part.places] = own
    return column


def weighted_sum(columns: NDArray[np.float64], weights: Sequence[float]) -> Scores:
    """float64 (n,): the sum over the runs of weight times score; `columns` as `normalised` gives them, float64 (runs, n)."""
    scores: Scores = np.asarray(weights, np.float64) @ np.nan_to_num(columns)
    return scores


def mean_of_present(columns: NDArray[np.float64]) -> Scores:
    """float64 (n,): the mean of the scores that are there."""
    there = ~np.isnan(columns)
    means: Scores = np.where(there, columns, 0.0).sum(axis=0) / there.sum(axis=0)
    return means


def greatest(columns: NDArray[np.float64]) -> Scores:
    """float64 (n,): the greatest of the scores that are there."""
    scores: Scores = np.fmax.reduce(columns, axis=0)
    return scores


def least(columns: NDArray[np.float64]) -> Scores:
    """float64 (n,): the least of the scores that are there."""
    scores: Scores = np.fmin.reduce(columns, axis=0)
    return scores


def middle(columns: NDArray[np.float64]) -> Scores:
    """float64 (n,): the median of the scores that are there; of an even number, the mean of the two in the middle."""
    ascending = np.sort(columns, axis=0)  # NaN last
    count = (~np.isnan(columns)).sum(axis=0)
    every = np.arange(columns.shape[1])
    scores: Scores = (ascending[(count - 1) // 2, every] + ascending[count // 2, every]) / 2
    return scores


def times_found(aligned: Aligned) -> NDArray[np.int64]:
    """int64 (n,): how many runs have each document."""
    return np.bincount(np.concatenate([part.places for part in aligned.parts]), minlength=len(aligned))


def check_normalisers(normalise: str | Sequence[str], runs: int) -> list[str]:
    """A normaliser's name for each run.

    Raises:
        UnknownName: a name is unknown.
        BadValue: there are not as many names as runs, or a floor of tmm is no number.
    """
    names = [normalise] * runs if isinstance(normalise, str) else list(normalise)
    if len(names) != runs:
        raise BadValue("normalise", names, f"one name, or one for each of the {runs} runs")
    for name in names:
        if name != BORDA:
            normaliser_by_name(name)
    return names


def check_missing(missing: str, policies: Sequence[str], *, method: str) -> None:
    """Refuses a policy that the method does not have."""
    if missing not in policies:
        raise UnknownName(f"policy of {method} for missing documents", missing, policies)


def check_weights(weights: Sequence[float], runs: int) -> None:
    """Refuses weights that are not one per run, finite, from 0 up and not all 0."""
    if len(weights) != runs:
        raise BadValue("weights", list(weights), f"one weight for each of the {runs} runs")
    if not all(np.isfinite(weight) and weight >= 0 for weight in weights) or not any(weights):
        raise BadValue("weights", list(weights), "finite numbers from 0 up, not all 0")
