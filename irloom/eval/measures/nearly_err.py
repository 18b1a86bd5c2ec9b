"""NERR8 to NERR11: four relatives of ERR that are means over what a reader inspects, named after their equations."""

from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.eval.measures.base import Floats
from irloom.eval.measures.user_model import UserModel, patience


@dataclass(frozen=True)
class _Cut(UserModel):
    """A model that stops at its cut."""

    TAKES = frozenset({"cut"})

    def __post_init__(self) -> None:
        super().__post_init__()
        kind = type(self).__name__
        if self.cut is None:
            raise BadValue(f"cut of {kind}", None, f"an integer from 1 up, as in '{kind}(max_rel=3)@10'")


@dataclass(frozen=True)
class NERR8(_Cut):
    """Goes on with the probability that the document did not satisfy.

    Paper: Azzopardi, Mackenzie and Moffat, "ERR is not C/W/L", 2021, equation 8.

    >>> str(NERR8(10, max_rel=3))
    'NERR8(max_rel=3)@10'
    """

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (q, n)."""
        return (1 - gains) * (ranks < (self.cut or 0))


@dataclass(frozen=True)
class NERR9(_Cut):
    """Goes on likewise, discounted by rank / (rank + 1).

    Paper: as NERR8, equation 9.

    >>> str(NERR9(10, max_rel=3))
    'NERR9(max_rel=3)@10'
    """

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (q, n)."""
        return (1 - gains) * (ranks < (self.cut or 0)) * ranks / (ranks + 1)


@dataclass(frozen=True)
class NERR10(UserModel):
    """Goes on likewise, with the patience of RBP.

    Args:
        p: persistence, from 0 to 1.

    Paper: as NERR8, equation 10.

    >>> str(NERR10(max_rel=3, p=0.8))
    'NERR10(max_rel=3,p=0.8)'
    """

    p: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("p", 0, 1, "a number from 0 to 1")

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (q, n)."""
        return (1 - gains) * self.p


@dataclass(frozen=True)
class NERR11(UserModel):
    """Goes on likewise, with the patience of INSQ.

    Args:
        T: the wanted gain, above 0.

    Paper: as NERR8, equation 11.

    >>> str(NERR11(max_rel=3))
    'NERR11(max_rel=3)'
    """

    T: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_number("T", np.nextafter(0, 1), np.finfo(np.float64).max, "a number above 0")

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (q, n)."""
        return (1 - gains) * patience(ranks, 2 * self.T)
