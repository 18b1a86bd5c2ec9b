"""The fused score of each document of aligned runs, by rank or by normalised score."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError, UnknownName
from irloom.fusion.align import Aligned
from irloom.fusion.normalise import Normaliser, normaliser_by_name, per_query, spread

MISSING = ("zero", "min")


def reciprocal_ranks(aligned: Aligned, *, c: float = 60) -> NDArray[np.float64]:
    """float64 (n,): the sum over the runs of 1 / (c + rank), ranks from 1; a run that lacks the document adds 0.

    Paper: Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", 2009.
    """
    scores = np.zeros(len(aligned), np.float64)
    for run, places in zip(aligned.runs, aligned.places, strict=True):
        above = np.arange(len(run.docs)) - np.repeat(run.offsets[:-1], np.diff(run.offsets))
        scores[places] += 1.0 / (c + 1.0 + above)
    return scores


def weighted_sum(
    aligned: Aligned, weights: Sequence[float], *, normalise: str | Sequence[str] = "minmax", missing: str = "zero"
) -> NDArray[np.float64]:
    """float64 (n,): the sum over the runs of weight times normalised score; see `normalised` for the arguments."""
    check_weights(weights, len(aligned.runs))
    scores = np.zeros(len(aligned), np.float64)
    for weight, own in zip(weights, normalised(aligned, normalise=normalise, missing=missing), strict=True):
        scores += weight * own
    return scores


def normalised(aligned: Aligned, *, normalise: str | Sequence[str] = "minmax", missing: str = "zero") -> list[NDArray[np.float64]]:
    """Each run's score for each of the n documents, float64 (n,) each.

    Args:
        aligned: the runs.
        normalise: a normaliser's name, or one for each run.
        missing: what a run gives a document that it lacks: "zero", or "min" for its least normalised score for the query. A run that
            lacks the whole query gives 0.

    Raises:
        UnknownName: a normaliser or the policy is unknown.
        BadValue: there are not as many normalisers as runs.
        DataError: a score is infinite.
    """
    check_missing(missing)
    columns = []
    normalisers = resolve_normalisers(normalise, len(aligned.runs))
    for run, places, rows, normaliser in zip(aligned.runs, aligned.places, aligned.rows, normalisers, strict=True):
        if not np.isfinite(run.scores).all():
            row = int(np.searchsorted(run.offsets, np.flatnonzero(~np.isfinite(run.scores))[0], side="right")) - 1
            raise DataError(f"query {run.query_ids[row]!r} has an infinite score, which cannot be fused by score; use rrf")
        own = normaliser(run.scores.astype(np.float64), run.offsets)
        column = np.zeros(len(aligned), np.float64)
        if missing == "min":
            least = np.zeros(len(aligned.query_ids), np.float64)
            least[rows] = per_query(np.minimum, own, run.offsets)
            column = spread(least, aligned.offsets)
        column[places] = own
        columns.append(column)
    return columns


def times_found(aligned: Aligned) -> NDArray[np.int64]:
    """int64 (n,): how many runs have each document."""
    return np.bincount(np.concatenate(aligned.places), minlength=len(aligned))


def resolve_normalisers(normalise: str | Sequence[str], runs: int) -> list[Normaliser]:
    """A normaliser for each run."""
    names = [normalise] * runs if isinstance(normalise, str) else list(normalise)
    if len(names) != runs:
        raise BadValue("normalise", names, f"one name, or one for each of the {runs} runs")
    return [normaliser_by_name(name) for name in names]


def check_missing(missing: str) -> None:
    """Refuses an unknown policy."""
    if missing not in MISSING:
        raise UnknownName("policy for missing documents", missing, MISSING)


def check_weights(weights: Sequence[float], runs: int) -> None:
    """Refuses weights that are not one per run, finite, from 0 up and not all 0."""
    if len(weights) != runs:
        raise BadValue("weights", list(weights), f"one weight for each of the {runs} runs")
    if not all(np.isfinite(weight) and weight >= 0 for weight in weights) or not any(weights):
        raise BadValue("weights", list(weights), "finite numbers from 0 up, not all 0")
