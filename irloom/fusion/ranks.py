"""Fused scores that read ranks alone, so that the runs' scales never matter; a run that lacks a document adds nothing."""

from collections.abc import Callable

import numpy as np

from irloom.fusion.align import Aligned
from irloom.fusion.normalise import Scores, spread
from irloom.fusion.scoring import BORDA, normalised, times_found, weighted_sum


def reciprocal_ranks(aligned: Aligned, *, c: float = 60) -> Scores:
    """float64 (n,): the sum over the runs of 1 / (c + rank), ranks from 1.

    Paper: Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", 2009.
    """
    return _summed(aligned, lambda above: 1.0 / (c + 1.0 + above))


def inverse_squares(aligned: Aligned) -> Scores:
    """float64 (n,), ISR: the sum of 1 / rank^2, times the number of runs that have the document.

    Paper: Mourão, Martins and Magalhães, "Multimodal medical information retrieval with unsupervised rank fusion", 2015.
    """
    return _squares(aligned) * times_found(aligned)


def log_inverse_squares(aligned: Aligned) -> Scores:
    """float64 (n,), logISR: the sum of 1 / rank^2, times the logarithm of the number of runs that have the document.

    So a document that only one run has gets 0.

    Paper: Mourão, Martins and Magalhães, "Multimodal medical information retrieval with unsupervised rank fusion", 2015.

    Differs: for a query that only one run answers the factor is 1, not log 1 = 0, so that its ranking passes through.
    """
    answering = np.sum([np.diff(part.offsets) > 0 for part in aligned.parts], axis=0)
    factor = np.where(spread(answering, aligned.offsets) > 1, np.log(times_found(aligned)), 1.0)
    return _squares(aligned) * factor


def rank_biased_centroid(aligned: Aligned, *, phi: float = 0.8) -> Scores:
    """float64 (n,), RBC: the sum of (1 - phi) phi^(rank - 1), where `phi` is the persistence of the reader.

    Paper: Bailey, Moffat, Scholer and Thomas, "Retrieval consistency in the presence of query variations", 2017.
    """
    return _summed(aligned, lambda above: (1.0 - phi) * phi**above)


def borda_points(aligned: Aligned) -> Scores:
    """float64 (n,): each run gives its first document as many points as there are documents in the union, the next one fewer, and so on;
    those that it lacks share the points that are left evenly.

    Paper: Aslam and Montague, "Models for metasearch", 2001.
    """
    shares = weighted_sum(normalised(aligned, normalise=BORDA), [1.0] * len(aligned.parts))
    points: Scores = shares * spread(np.diff(aligned.offsets), aligned.offsets)
    return points


def _squares(aligned: Aligned) -> Scores:
    return _summed(aligned, lambda above: 1.0 / (above + 1.0) ** 2)


def _summed(aligned: Aligned, worth: Callable[[Scores], Scores]) -> Scores:
    """float64 (n,): the sum over the runs of what a place is worth, given how many documents stand above it."""
    scores = np.zeros(len(aligned), np.float64)
    for part in aligned.parts:
        scores[part.places] += worth(part.above.astype(np.float64))
    return scores
