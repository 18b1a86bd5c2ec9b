"""nDCG: the gain of a ranking, discounted by rank, as a share of the ideal ranking's."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import GREATEST, Floats, Measure, ratio

_STEEPEST = 500


@dataclass(frozen=True)
class nDCG(Measure):
    """DCG over the ideal DCG of all judged documents; a grade below 0 gains 0.

    Args:
        dcg: "log2" gains the grade itself, as trec_eval does; "exp-log2" gains 2^grade - 1. Both discount by log2(rank + 1).
        rel: where given, a document gains 1 from this grade on and 0 below; else gains are graded, whatever `min_grade` is.
        gains: grades that stand for others, as a mapping or as pairs; the rest stay.

    Raises:
        BadValue: `dcg` is neither, or `gains` is no mapping of integers to integers.

    Paper: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002; Burges et al., "Learning to
        rank using gradient descent", 2005 (the exponential gain).
    Differs: `rel` is ours; ir_measures has no binary nDCG.

    >>> str(nDCG(10, dcg="exp-log2"))
    "nDCG(dcg='exp-log2')@10"
    >>> str(nDCG(10, gains={1: 0, 2: 5}))
    'nDCG(gains={1:0,2:5})@10'
    """

    dcg: str = "log2"
    gains: tuple[tuple[int, int], ...] | Mapping[int, int] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dcg not in ("log2", "exp-log2"):
            raise BadValue("dcg of nDCG", self.dcg, "'log2' or 'exp-log2'")
        object.__setattr__(self, "gains", _pairs(self.gains))

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no judged document gains anything."""
        gained = self._discounted(judged, judged.hit_query, judged.hit_rank, self._gain(judged.hit_grade))
        gain = self._gain(judged.judgment_grade)
        query = judged.judgment_query
        gain = gain[np.lexsort((-gain, query))] if self.gains else gain
        ideal_rank = np.arange(len(query)) - np.searchsorted(query, query) + 1
        return ratio(gained, self._discounted(judged, query, ideal_rank, gain))

    def _gain(self, grade: NDArray[np.int64]) -> Floats:
        gained = grade.copy()
        for old, new in _pairs(self.gains):
            gained[grade == old] = new
        gain = np.maximum(gained, 0).astype(np.float64) if self.rel is None else (gained >= self.rel).astype(np.float64)
        if self.dcg == "log2":
            return gain
        if gain.max(initial=0) > _STEEPEST:
            raise DataError(f"{self}: grade {gain.max():.0f} is too great for gains of 2^grade; use dcg='log2', or other gains")
        return np.exp2(gain) - 1

    def _discounted(self, judged: JudgedRun, query: NDArray[np.int64], rank: NDArray[np.int64], gain: Floats) -> Floats:
        kept = gain if self.cut is None else np.where(rank <= self.cut, gain, 0.0)
        return judged.total(query, kept / np.log2(rank + 1.0))


def _pairs(gains: object) -> tuple[tuple[int, int], ...]:
    """The grades that stand for others, each with the other, ascending."""
    pairs = list(gains.items()) if isinstance(gains, Mapping) else gains
    if not isinstance(pairs, (tuple, list)) or not all(
        isinstance(pair, tuple) and len(pair) == 2 and all(map(_is_grade, pair)) for pair in pairs
    ):
        raise BadValue("gains of nDCG", gains, "integers for integers, such as {1:0,2:5}")
    return tuple(sorted((old, new) for old, new in pairs if old != new))


def _is_grade(number: object) -> bool:
    return type(number) is int and abs(number) <= GREATEST
