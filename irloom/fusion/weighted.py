"""Weighted: several retrievers fused by a weighted sum of normalised scores."""

from collections.abc import Sequence

from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Query
from irloom.fusion.component import check_components, component_names, retrieve_all
from irloom.fusion.fuse import DEPTH, check_depth, fuse
from irloom.fusion.scoring import check_missing, check_weights, resolve_normalisers


class Weighted(Retriever):
    """A document's score is the sum over the retrievers of weight times normalised score.

    The fused run keeps each retriever's own scores as a column named by its class in lower case. Scores are normalised over the first
    `depth` documents of each retriever, whatever `k` is: so a small k gives the beginning of what a large k gives.

    Args:
        of: the retrievers, one or more.
        weights: one per retriever, from 0 up, not all 0; `tune_weights` finds them on train judgments.
        normalise: a normaliser's name ("minmax", "max", "sum", "zscore", "rank", "none", "tmm(FLOOR)"), or one for each retriever.
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
        self.of = check_components(of)
        check_weights(weights, len(self.of))
        resolve_normalisers(normalise, len(self.of))
        check_missing(missing)
        check_depth(depth)
        self.weights = tuple(weights)
        self.normalise = normalise if isinstance(normalise, str) else tuple(normalise)
        self.missing, self.depth = missing, depth

    @property
    def fingerprint(self) -> str:
        """The retrievers' fingerprints and every argument."""
        arguments = repr(([float(weight) for weight in self.weights], self.normalise, self.missing, self.depth))
        return short_hash("weighted", arguments, *(retriever.fingerprint for retriever in self.of))

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
        return fuse(
            runs,
            "weighted",
            weights=self.weights,
            normalise=self.normalise,
            missing=self.missing,
            depth=self.depth,
            k=k,
            names=component_names(self.of),
        )
