"""BPM: a reader who stops when enough is gained or enough documents are read."""

from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.eval.measures.base import Floats
from irloom.eval.measures.user_model import UserModel


@dataclass(frozen=True)
class BPM(UserModel):
    """The mean gain of the documents up to the one at which T is gained, or the cut.

    Args:
        T: the wanted gain, above 0.

    Raises:
        BadValue: there is no cut.

    Paper: Zhang et al., "Evaluating web search with a Bejeweled player model", 2017; the static model.

    >>> str(BPM(10, max_rel=3))
    'BPM(max_rel=3)@10'
    """

    T: float = 1.0

    TAKES = frozenset({"cut"})

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("T", np.nextafter(0, 1), np.finfo(np.float64).max, "a number above 0")
        if self.cut is None:
            raise BadValue("cut of BPM", None, "an integer from 1 up, as in 'BPM(max_rel=3)@10'")

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (q, n), 0 or 1."""
        return ((np.cumsum(gains, axis=1) < self.T) & (ranks < (self.cut or 0))).astype(np.float64)
