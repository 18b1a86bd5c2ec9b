"""INST and INSQ: readers who want T documents' worth of gain, and adapt to what they have found (INST) or do not (INSQ)."""

from dataclasses import dataclass

import numpy as np

from irloom.eval.measures.base import Floats
from irloom.eval.measures.user_model import UserModel, patience


@dataclass(frozen=True)
class INSQ(UserModel):
    """Going on depends on the rank and the wanted gain.

    Args:
        T: the wanted gain, above 0.

    Paper: Moffat, Scholer and Thomas, "Models and metrics: IR evaluation as a user process", 2012.

    >>> str(INSQ(max_rel=3, T=2.0))
    'INSQ(max_rel=3,T=2.0)'
    """

    T: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("T", np.nextafter(0, 1), np.finfo(np.float64).max, "a number above 0")

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (n,)."""
        return patience(ranks, 2 * self.T)


@dataclass(frozen=True)
class INST(INSQ):
    """Going on depends on the rank, the wanted gain, and how much of it is still missing.

    Paper: Moffat et al., "INST: an adaptive metric for information retrieval evaluation", 2015.

    >>> str(INST(max_rel=1))
    'INST(max_rel=1)'
    """

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (q, n)."""
        return patience(ranks, self.T + (self.T - np.cumsum(gains, axis=1)))
