"""What the fused retrievers share: asking each component at one depth, and naming it in the fused run's columns."""

from abc import abstractmethod
from collections.abc import Sequence

from irloom.core.errors import BadValue
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Query
from irloom.fusion.fuse import check_depth


class FusedRetriever(Retriever):
    """Retrievers as one: each is asked for `depth` documents, whatever k is, and their runs are fused.

    So a small k gives the beginning of what a large k gives, and no document below `depth` in every retriever is found: a measure that
    looks further down, such as R@1000, needs a depth of as much.

    Args:
        of: the retrievers, one or more.
        depth: how many documents of each retriever count, 1 or more.

    Raises:
        BadValue: an argument is out of its range.
    """

    def __init__(self, of: Sequence[Retriever], *, depth: int) -> None:
        self.of = check_components(of)
        check_depth(depth)
        self.depth = depth

    @property
    @abstractmethod
    def arguments(self) -> tuple[object, ...]:
        """What changes the fused run besides the retrievers and the depth; equal arguments print equally."""

    @abstractmethod
    def fuse(self, runs: Sequence[Run], *, k: int, names: Sequence[str]) -> Run:
        """Fuses the retrievers' runs; `names` are those of its columns."""

    @property
    def fingerprint(self) -> str:
        """The retrievers' fingerprints and every argument."""
        own = (*self.arguments, str(self.depth))
        return short_hash(type(self).__name__.lower(), *map(repr, own), *(retriever.fingerprint for retriever in self.of))

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
        runs = [retriever.retrieve(queries, k=self.depth if k else 0) for retriever in self.of]
        return self.fuse(runs, k=k, names=component_names(self.of))


def check_components(of: Sequence[Retriever]) -> tuple[Retriever, ...]:
    """The components as a tuple.

    Raises:
        BadValue: there is none, or one is not a Retriever.
    """
    if not of:
        raise BadValue("of", list(of), "at least one retriever")
    for retriever in of:
        if not isinstance(retriever, Retriever):
            raise BadValue("of", retriever, "retrievers")
    return tuple(of)


def component_names(of: Sequence[Retriever]) -> list[str]:
    """A name for each: its label, which is its class, in lower case, numbered from 1 where several share it."""
    kinds = [retriever.label.lower() for retriever in of]
    return [kind if kinds.count(kind) == 1 else f"{kind}_{kinds[: place + 1].count(kind)}" for place, kind in enumerate(kinds)]
