"""Rank-biased overlap: how alike two rankings are, the top of them most."""

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue
from irloom.core.ranking import Ranking


def rank_biased_overlap(first: Ranking, second: Ranking, *, p: float = 0.9, ties: bool = False) -> float:
    """The extrapolated RBO of two rankings of any lengths, from 0 (disjoint) to 1 (identical).

    The agreement at the end of the shorter ranking is taken to go on in its missing part, and that at the end of the longer one
    for ever. Two empty rankings are identical; one empty ranking is disjoint from any other.

    Args:
        first: a ranking.
        second: another one, of other documents or other length.
        p: persistence, above 0 and below 1: with 0.9 the first ten ranks have 86 % of the weight.
        ties: documents of one ranking with equal scores share the rank of the first of them; else the order counts alone.

    Raises:
        BadValue: `p` is out of its range, or a document stands twice in a ranking.

    Paper: Webber, Moffat and Zobel, "A similarity measure for indefinite rankings", 2010, equation 32, and section 4.5 for ties.

    >>> round(rank_biased_overlap(Ranking.from_order("abcde"), Ranking.from_order("bacde")), 6)
    0.9
    """
    if not 0 < p < 1:
        raise BadValue("p", p, "a number above 0 and below 1")
    short, long = sorted((first, second), key=len)
    if not len(short):
        return float(not len(long))
    agreement = _agreements(short, long, ties=ties)
    weights = (1 - p) * p ** np.arange(len(long))
    return float(weights @ agreement + agreement[-1] * p ** len(long))


def _agreements(short: Ranking, long: Ranking, *, ties: bool) -> NDArray[np.float64]:
    """float64 (n,): the share of documents that both have down to each depth of the longer ranking, extrapolated in the shorter."""
    depth = np.arange(1, len(long) + 1)
    ranks = [_ranks(ranking, ties=ties) for ranking in (short, long)]
    place = dict(zip(short.doc_ids, ranks[0].tolist(), strict=True))
    if len(place) != len(short) or len(set(long.doc_ids)) != len(long):
        raise BadValue("ranking", "a document twice", "each document once")
    met = [max(place[doc_id], rank) for doc_id, rank in zip(long.doc_ids, ranks[1].tolist(), strict=True) if doc_id in place]
    common = np.cumsum(np.bincount(np.array(met, np.int64), minlength=len(long) + 1)[1 : len(long) + 1]).astype(np.float64)
    seen_short, seen_long = (np.searchsorted(rank, depth, side="right") for rank in ranks)
    end = len(short)
    last = 2 * common[end - 1] / (seen_short[end - 1] + seen_long[end - 1])
    missing = np.maximum(depth - end, 0)
    agreements: NDArray[np.float64] = 2 * (common + last * missing) / (seen_short + missing + seen_long)
    return agreements


def _ranks(ranking: Ranking, *, ties: bool) -> NDArray[np.int64]:
    """int64 (n,): the rank of each document from 1, ascending."""
    places = np.arange(1, len(ranking) + 1)
    if not ties:
        return places
    new = np.concatenate([[True], ranking.scores[1:] != ranking.scores[:-1]])
    return np.maximum.accumulate(np.where(new, places, 1))
