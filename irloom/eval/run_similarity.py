"""RunSimilarity: how alike two runs rank, query by query."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import DataError
from irloom.core.run import Run
from irloom.eval.kendall import kendall_tau
from irloom.eval.rank_biased_overlap import rank_biased_overlap


@dataclass(frozen=True, slots=True)
class RunSimilarity:
    """Two runs held against each other.

    Attributes:
        query_ids: the queries that both have, q of them, in the first run's order.
        rbo: float64 (q,), the rank-biased overlap, from 0 to 1.
        tau: float64 (q,), Kendall's tau of the documents that both found, from -1 to 1; NaN where there are fewer than two.
        overlap: float64 (q,), the documents that both found over those that either found; 1 where both found none.
    """

    query_ids: tuple[str, ...]
    rbo: NDArray[np.float64]
    tau: NDArray[np.float64]
    overlap: NDArray[np.float64]


def run_similarity(first: Run, second: Run, *, p: float = 0.9) -> RunSimilarity:
    """Compares the rankings of two runs. Their order is the truth; scores are not read, so tied documents keep their places.

    Args:
        first: a run.
        second: another one.
        p: persistence of the overlap, above 0 and below 1.

    Raises:
        DataError: the runs share no query.
        BadValue: `p` is out of its range.

    >>> bm25, dense = Run.from_dict({"q": {"a": 3.0, "b": 2.0}}), Run.from_dict({"q": {"a": 9.0, "c": 8.0}})
    >>> round(float(run_similarity(bm25, dense).overlap[0]), 6)
    0.333333
    """
    shared = [query_id for query_id in first if query_id in second]
    if not shared:
        raise DataError(f"the runs share no query: {len(first)} queries in one, {len(second)} in the other")
    rows = []
    for query_id in shared:
        one, other = first[query_id], second[query_id]
        place = {doc_id: rank for rank, doc_id in enumerate(other.doc_ids)}
        both = [(rank, place[doc_id]) for rank, doc_id in enumerate(one.doc_ids) if doc_id in place]
        either = len(one) + len(other) - len(both)
        tau = kendall_tau(*np.array(both, np.float64).reshape(-1, 2).T)
        rows.append((rank_biased_overlap(one, other, p=p), tau, len(both) / either if either else 1.0))
    rbo, taus, overlap = np.array(rows, np.float64).T
    return RunSimilarity(tuple(shared), rbo, taus, overlap)
