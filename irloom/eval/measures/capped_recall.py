"""R_cap: recall whose greatest value is 1 also where more documents are relevant than the cut can hold."""

from dataclasses import dataclass

import numpy as np

from irloom.core.errors import BadValue
from irloom.eval.judged import JudgedRun
from irloom.eval.measures.base import Floats, Measure, ratio


@dataclass(frozen=True)
class R_cap(Measure):
    """Relevant documents within the cut over the lesser of the cut and all relevant documents; ir_measures has no name for it.

    Raises:
        BadValue: there is no cut.

    Paper: Thakur et al., "BEIR: A heterogeneous benchmark for zero-shot evaluation of information retrieval models", 2021,
        section 4 (for TREC-COVID).

    >>> str(R_cap(100))
    'R_cap@100'
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cut is None:
            raise BadValue("cut of R_cap", None, "an integer from 1 up, as in 'R_cap@100'")

    def values(self, judged: JudgedRun, rel: int) -> Floats:
        """float64 (q,), from 0 to 1; 0 where no document is relevant."""
        query, _ = judged.relevant_hits(rel, self.cut)
        return ratio(judged.count(query), np.minimum(judged.relevant(rel), float(self.cut or 0)))
