"""RRF: several retrievers fused by reciprocal rank."""

from collections.abc import Sequence

from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.fusion.component import FusedRetriever
from irloom.fusion.fuse import DEPTH, fuse
from irloom.fusion.methods import Settings, checked_method


class RRF(FusedRetriever):
    """A document's score is the sum over the retrievers of 1 / (c + rank), ranks from 1.

    The fused run keeps each retriever's scores as a column named by its class in lower case. It holds no document below `depth` in every
    retriever, whatever `k` is: so a small k gives the beginning of what a large k gives, and R@1000 needs `depth=1000`.

    Args:
        of: the retrievers, one or more.
        c: how much the first ranks are levelled, 0 or more.
        depth: how many documents of each retriever count, 1 or more.

    Raises:
        BadValue: an argument is out of its range.

    Paper: Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", 2009.
    """

    def __init__(self, of: Sequence[Retriever], *, c: float = 60, depth: int = DEPTH) -> None:
        super().__init__(of, depth=depth)
        checked_method("rrf", Settings(c=c), runs=len(of))
        self.c = c

    @property
    def arguments(self) -> tuple[object, ...]:
        """Its `c`."""
        return (float(self.c),)

    def fuse(self, runs: Sequence[Run], *, k: int, names: Sequence[str]) -> Run:
        """The sum of reciprocal ranks."""
        return fuse(runs, "rrf", c=self.c, depth=self.depth, k=k, names=names)
