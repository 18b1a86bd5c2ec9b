"""Condorcet fusion: documents ordered by who beats whom in most of the runs."""

import numpy as np

from irloom.fusion.align import Aligned
from irloom.fusion.normalise import Scores, spread
from irloom.fusion.ranks import borda_points
from irloom.fusion.sorting import best_places


def condorcet(aligned: Aligned) -> Scores:
    """float64 (n,): for each query, the number of its documents that stand at or below each one when they are sorted by majority.

    A document that a run lacks stands below those that it has; between two that it lacks the run has no say. Majorities may go in
    a circle: then the order is one in which each document still wins against the next.

    Paper: Montague and Aslam, "Condorcet fusion for improved retrieval", 2002.

    Differs: ranx counts a run that has neither of two documents as a vote for the second one, and lets ties and circles fall as the
    hash of the ids has it; here such a run does not vote, and Borda's points, then the greater id, settle what votes leave open.
    """
    from irloom.indexing.kernels.majority import sort_by_majority

    ranks = np.full((len(aligned), len(aligned.parts)), np.iinfo(np.int32).max, np.int32)
    for run, part in enumerate(aligned.parts):
        ranks[part.places, run] = part.above
    order = best_places(borda_points(aligned).astype(np.float32), aligned.offsets)
    sort_by_majority(ranks, aligned.offsets, order)
    scores = np.empty(len(aligned), np.float64)
    scores[order] = spread(aligned.offsets[1:], aligned.offsets) - np.arange(len(aligned))
    return scores
