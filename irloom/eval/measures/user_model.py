"""UserModel: measures that weight each rank by the chance that a reader gets there, in the C/W/L frame."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import GREATEST, Floats, Measure

_DEPTH = 1000
_CHUNK = 256


@dataclass(frozen=True)
class UserModel(Measure):
    """The gain per inspected document, of a reader who goes on from each rank with a probability of the model's.

    A grade becomes a gain from 0 to 1: at `min_rel` or below it is 0, at `max_rel` or above 1, between them linear. Documents
    that are not judged gain 0. Rankings are 1,000 documents deep, as in cwl_eval: shorter ones go on without gains.

    Args:
        min_rel: the greatest grade without a gain.
        max_rel: the least grade with the whole gain; it must be given.

    Raises:
        BadValue: `max_rel` is missing, or not above `min_rel`.

    Paper: Moffat et al., "Incorporating user expectations and behavior into the measurement of search effectiveness", 2017;
        Azzopardi et al., "cwl_eval: an evaluation tool for information retrieval", 2019.
    """

    min_rel: int = 0
    max_rel: int | None = None

    TAKES = frozenset()

    def __post_init__(self) -> None:
        super().__post_init__()
        kind = type(self).__name__
        if type(self.min_rel) is not int or self.min_rel < 0:
            raise BadValue(f"min_rel of {kind}", self.min_rel, "an integer from 0 up")
        if type(self.max_rel) is not int or not self.min_rel < self.max_rel <= GREATEST:
            raise BadValue(
                f"max_rel of {kind}", self.max_rel, f"an integer above {self.min_rel}, the greatest grade, as in '{kind}(max_rel=3)'"
            )

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1."""
        values = np.zeros(len(judged), np.float64)
        kept = judged.hit_rank <= _DEPTH
        query, rank = judged.hit_query[kept], judged.hit_rank[kept]
        gain = (np.clip(judged.hit_grade[kept], self.min_rel, self.max_rel) - self.min_rel) / ((self.max_rel or 0) - self.min_rel)
        ranks = np.arange(1.0, _DEPTH + 1)
        for first in range(0, len(judged), _CHUNK):
            low, high = np.searchsorted(query, [first, first + _CHUNK])
            gains = np.zeros((min(_CHUNK, len(judged) - first), _DEPTH), np.float64)
            gains[query[low:high] - first, rank[low:high] - 1] = gain[low:high]
            going_on = np.broadcast_to(self.going_on(gains, ranks), gains.shape)
            reached = np.cumprod(going_on[:, :-1], axis=1)
            values[first : first + _CHUNK] = (gains[:, 0] + (gains[:, 1:] * reached).sum(axis=1)) / (1 + reached.sum(axis=1))
        return values

    @abstractmethod
    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (q, n) or (n,): the probability of going on from each rank to the next.

        Args:
            gains: float64 (q, n), from 0 to 1.
            ranks: float64 (n,), 1 to n.
        """


def patience(ranks: Floats, wanted: Floats | float) -> Floats:
    """((rank + wanted - 1) / (rank + wanted))^2: readers who want more go on longer, and longer the farther they have come."""
    squared: Floats = ((ranks + wanted - 1) / (ranks + wanted)) ** 2
    return squared
