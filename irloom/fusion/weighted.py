"""Weighted: several retrievers fused by a weighted sum of normalised scores."""

from collections.abc import Sequence

from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.fusion.component import FusedRetriever
from irloom.fusion.fuse import DEPTH, fuse
from irloom.fusion.methods import Settings, checked_method


class Weighted(FusedRetriever):
    """A document's score is the sum over the retrievers of weight times normalised score.

    The fused run keeps each retriever's own scores as a column named by its class in lower case. Scores are normalised over the first
    `depth` documents of each retriever, whatever `k` is: so a small k gives the beginning of what a large k gives, and R@1000 needs
    `depth=1000`.

    Args:
        of: the retrievers, one or more.
        weights: one per retriever, from 0 up, not all 0; `tune_weights` finds them on train judgments.
        normalise: a normaliser's name ("minmax", "centred", "max", "sum", "zscore", "rank", "borda", "none", "tmm(FLOOR)"), or one for
            each retriever.
        missing: what a retriever gives a document that it lacks: "zero", or "min" for its least normalised score for the query.
        depth: how many documents of each retriever count, 1 or more.

    Raises:
        BadValue: an argument is out of its range.
        UnknownName: a normaliser or the policy is unknown.

    Paper: Bruch, Gai and Ingber, "An analysis of fusion functions for hybrid retrieval", 2023.
    """

    def __init__(
        self,
        of: Sequence[Retriever],
        *,
        weights: Sequence[float],
        normalise: str | Sequence[str] = "minmax",
        missing: str = "zero",
        depth: int = DEPTH,
    ) -> None:
        super().__init__(of, depth=depth)
        checked_method("weighted", Settings(weights=weights, normalise=normalise, missing=missing), runs=len(of))
        self.weights = tuple(weights)
        self.normalise = normalise if isinstance(normalise, str) else tuple(normalise)
        self.missing = missing

    @property
    def arguments(self) -> tuple[object, ...]:
        """The weights, the normalisers and the policy."""
        return ([float(weight) for weight in self.weights], self.normalise, self.missing)

    def fuse(self, runs: Sequence[Run], *, k: int, names: Sequence[str]) -> Run:
        """The weighted sum of normalised scores."""
        return fuse(
            runs,
            "weighted",
            weights=self.weights,
            normalise=self.normalise,
            missing=self.missing,
            depth=self.depth,
            k=k,
            names=names,
        )
