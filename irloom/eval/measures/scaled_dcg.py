"""SDCG: DCG as a share of that of a ranking with nothing but the best documents."""

from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.eval.measures.base import Floats
from irloom.eval.measures.user_model import UserModel


@dataclass(frozen=True)
class SDCG(UserModel):
    """nDCG that takes for granted that documents of the best grade exist for every rank down to the cut.

    Raises:
        BadValue: there is no cut, or `dcg` is not 'log2'.

    Paper: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, scaled as in cwl_eval.

    >>> str(SDCG(10, max_rel=3))
    'SDCG(max_rel=3)@10'
    """

    dcg: str = "log2"

    TAKES = frozenset({"cut"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dcg != "log2":
            raise BadValue("dcg of SDCG", self.dcg, "'log2'")
        if self.cut is None:
            raise BadValue("cut of SDCG", None, "an integer from 1 up, as in 'SDCG(max_rel=3)@10'")

    def going_on(self, gains: Floats, ranks: Floats) -> Floats:
        """float64 (n,)."""
        return np.where(ranks < (self.cut or 0), np.log2(ranks + 1) / np.log2(ranks + 2), 0.0)
