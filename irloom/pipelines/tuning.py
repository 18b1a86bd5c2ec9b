"""`weighted: {of: [...], weights: tune}`: the weights are found on the train judgments, never on those that are reported."""

from collections.abc import Sequence
from typing import Any

from irloom.core.config import Builder, single
from irloom.core.errors import ConfigError
from irloom.core.types import Filter, Qrels, Query
from irloom.data.dataset import Dataset
from irloom.fusion.fuse import DEPTH
from irloom.fusion.tuning import TunedWeights, tune_weights
from irloom.retrievers.filtered import within

TUNE = "tune"


class Tuner:
    """Replaces `weights: tune` in nodes by numbers.

    Args:
        builder: builds the retrievers that are to be fused.
        dataset: whose train split is used.
        measure: what is maximised.
        where: only documents that this filter allows are found.

    Attributes:
        notes: what was found, one line per node, under the name of its system.
    """

    def __init__(self, builder: Builder, dataset: Dataset, *, measure: str, where: Filter | None = None) -> None:
        self.builder, self.dataset, self.measure, self.where = builder, dataset, measure, where
        self.notes: dict[str, list[str]] = {}
        self._done: set[str] = set()
        self._train: tuple[Sequence[Query], Qrels] | None = None

    def systems(self) -> None:
        """Tunes every system of the builder, those that others name first."""
        for name in list(self.builder.systems):
            self._system(name)

    def _system(self, name: str) -> None:
        if name in self._done or name not in self.builder.systems:
            return
        self._done.add(name)
        self.builder.systems[name] = self._node(self.builder.systems[name], name)

    def _node(self, node: Any, system: str) -> Any:
        if isinstance(node, str):
            self._system(node)
        if isinstance(node, list):
            return [self._node(item, system) for item in node]
        if not isinstance(node, dict):
            return node
        tuned = {key: self._node(value, system) for key, value in node.items()}
        arguments = tuned.get("weighted")
        if isinstance(arguments, dict) and arguments.get("weights") == TUNE:
            return {"weighted": self._weights(arguments, system)}
        return tuned

    def _weights(self, arguments: dict[str, Any], system: str) -> dict[str, Any]:
        where = f"{self.builder.where}: systems.{system}.weighted"
        if not isinstance(arguments.get("of"), list):
            raise ConfigError(f"{where}: the key 'of' is missing; it lists the systems to fuse")
        queries, qrels = self._train_split(where)
        depth = int(arguments.get("depth", DEPTH))
        names = [item if isinstance(item, str) else single(item, where=where)[0] for item in arguments["of"]]
        retrievers = [self.builder.retriever(item, where=f"systems.{system}") for item in arguments["of"]]
        runs = [retriever.retrieve(queries, k=depth) for retriever in retrievers]
        options = {key: arguments[key] for key in ("normalise", "missing") if key in arguments}
        found = tune_weights(runs, qrels, self.measure, depth=depth, min_grade=self.dataset.protocol.min_grade, **options)
        shares = ", ".join(f"{name} {weight:.2f}" for name, weight in zip(names, found.weights, strict=True))
        alone = ", ".join(f"{name} {score:.3f}" for name, score in zip(names, self._alone(found, len(names)), strict=True))
        validated = f"; {found.held_out:.3f} by {len(found.folds)}-fold cross-validation" if found.held_out is not None else ""
        self.notes.setdefault(system, []).append(
            f"weights {shares}, tuned on {len(qrels)} train queries: {self.measure} {found.score:.3f} there (alone: {alone}){validated}"
        )
        return {**arguments, "weights": list(found.weights)}

    def _alone(self, found: TunedWeights, count: int) -> list[float]:
        """What each component reaches by itself on the train queries: its corner of the grid."""
        corners = [tuple(float(place == own) for place in range(count)) for own in range(count)]
        return [found.grid[corner] for corner in corners]

    def _train_split(self, where: str) -> tuple[Sequence[Query], Qrels]:
        if self._train is None:
            if "train" not in self.dataset.splits:
                raise ConfigError(
                    f"{where}: 'weights: tune' needs train judgments, and {self.dataset.name!r} has only "
                    f"{', '.join(self.dataset.splits) or 'none'}; give numbers instead, such as [0.5, 0.5]"
                )
            self._train = (within(self.dataset.queries("train"), self.where), self.dataset.qrels("train"))
        return self._train
