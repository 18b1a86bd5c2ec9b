"""RRF: several retrievers fused by reciprocal rank."""

from collections.abc import Sequence

from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Query
from irloom.fusion.component import check_components, component_names, retrieve_all
from irloom.fusion.fuse import DEPTH, check_depth, check_rank_constant, fuse


class RRF(Retriever):
    """A document's score is the sum over the retrievers of 1 / (c + rank), ranks from 1.

    The fused run keeps each retriever's scores as a column named by its class in lower case. It holds no document below `depth` in every
    retriever, whatever `k` is: so a small k gives the beginning of what a large k gives.

    Args:
        of: the retrievers, one or more.
        c: how much the first ranks are levelled, 0 or more.
        depth: how many documents of each retriever count, 1 or more.

    Raises:
        BadValue: an argument is out of its range.

    Paper: Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", 2009.
    """

    def __init__(self, of: Sequence[Retriever], *, c: float = 60, depth: int = DEPTH) -> None:
        self.of = check_components(of)
        check_rank_constant(c)
        check_depth(depth)
        self.c, self.depth = c, depth

    @property
    def fingerprint(self) -> str:
        """The retrievers' fingerprints, c and depth."""
        return short_hash("rrf", repr(float(self.c)), str(self.depth), *(retriever.fingerprint for retriever in self.of))

    @property
    def exact_cuts(self) -> bool:
        """Yes: each retriever is asked at `depth`, whatever k is."""
        return True

    def warm_up(self) -> None:
        """Warms every retriever."""
        for retriever in self.of:
            retriever.warm_up()

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` fused documents of each query."""
        check_request(queries, k)
        runs = retrieve_all(self.of, queries, depth=self.depth if k else 0)
        return fuse(runs, "rrf", c=self.c, depth=self.depth, k=k, names=component_names(self.of))
