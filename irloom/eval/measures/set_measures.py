"""SetP, SetR, SetF and SetAP: measures of the whole set that was retrieved, whatever its order."""

from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio


def _counts(judged: JudgedRun, rel: int) -> tuple[Floats, Floats, Floats]:
    """Relevant and retrieved, retrieved, relevant documents of each query, float64 (q,) each."""
    query, _ = judged.relevant_hits(rel, None)
    return judged.count(query), judged.retrieved.astype(np.float64), judged.relevant(rel)


@dataclass(frozen=True)
class SetP(Measure):
    """Relevant documents among the retrieved ones.

    Args:
        relative: as a share of the greatest possible value for as many retrieved documents.

    >>> str(SetP(relative=True))
    'SetP(relative=True)'
    """

    relative: bool = False

    TAKES = frozenset({"rel", "judged_only"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.relative) is not bool:
            raise BadValue("relative of SetP", self.relative, "True or False")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        found, retrieved, relevant = _counts(judged, rel)
        return ratio(found, np.minimum(retrieved, relevant) if self.relative else retrieved)


@dataclass(frozen=True)
class SetR(Measure):
    """Retrieved documents among the relevant ones.

    >>> str(SetR())
    'SetR'
    """

    TAKES = frozenset({"rel"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        found, _, relevant = _counts(judged, rel)
        return ratio(found, relevant)


@dataclass(frozen=True)
class SetF(Measure):
    """(beta + 1) P R / (R + beta P) of the set's precision P and recall R, as trec_eval has it: beta is not squared.

    >>> str(SetF(beta=2))
    'SetF(beta=2.0)'
    """

    beta: float = 1.0

    TAKES = frozenset({"rel", "judged_only"})

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("beta", 0, np.finfo(np.float64).max, "a number from 0 up")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        found, retrieved, relevant = _counts(judged, rel)
        precision, recall = ratio(found, retrieved), ratio(found, relevant)
        return ratio((self.beta + 1) * precision * recall, recall + self.beta * precision)


@dataclass(frozen=True)
class SetAP(Measure):
    """The set's precision times its recall.

    >>> str(SetAP(rel=2))
    'SetAP(rel=2)'
    """

    TAKES = frozenset({"rel", "judged_only"})

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        found, retrieved, relevant = _counts(judged, rel)
        return ratio(found**2, retrieved * relevant)
