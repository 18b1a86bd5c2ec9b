"""Fused: several retrievers fused by any method that `fuse` knows by name."""

from collections.abc import Sequence

from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.fusion.component import FusedRetriever
from irloom.fusion.fuse import DEPTH, fuse
from irloom.fusion.methods import Settings, checked_method


class Fused(FusedRetriever):
    """Retrievers fused by CombSUM, CombMNZ, CombANZ, CombMAX, CombMIN, CombMED, ISR, logISR, RBC, Borda or Condorcet.

    The fused run keeps each retriever's own scores as a column named by its class in lower case. It holds no document below `depth` in
    every retriever, whatever `k` is: so a small k gives the beginning of what a large k gives, and R@1000 needs `depth=1000`.

    Args:
        of: the retrievers, one or more.
        method: as in `irloom.fusion.fuse.fuse`, such as "combmnz" or "condorcet".
        normalise: of the methods by score; None for "minmax".
        missing: of the methods by score, what a retriever gives a document that it lacks: "zero", "min" or "skip"; None for the
            method's own.
        phi: of rbc, between 0 and 1.
        depth: how many documents of each retriever count, 1 or more.

    Raises:
        BadValue: an argument is out of its range, or the method does not read it.
        UnknownName: the method, a normaliser or the policy is unknown.

    Paper: Fox and Shaw, "Combination of multiple searches", 1994; those of the methods by rank: `irloom.fusion.ranks`.
    """

    def __init__(
        self,
        of: Sequence[Retriever],
        *,
        method: str,
        normalise: str | Sequence[str] | None = None,
        missing: str | None = None,
        phi: float = 0.8,
        depth: int = DEPTH,
    ) -> None:
        super().__init__(of, depth=depth)
        checked_method(method, Settings(phi=phi, normalise=normalise, missing=missing), runs=len(of))
        self.method, self.missing, self.phi = method, missing, phi
        self.normalise = normalise if normalise is None or isinstance(normalise, str) else tuple(normalise)

    @property
    def arguments(self) -> tuple[object, ...]:
        """The method and its settings."""
        return (self.method, self.normalise, self.missing, float(self.phi))

    def fuse(self, runs: Sequence[Run], *, k: int, names: Sequence[str]) -> Run:
        """The method's fusion."""
        return fuse(runs, self.method, phi=self.phi, normalise=self.normalise, missing=self.missing, depth=self.depth, k=k, names=names)
