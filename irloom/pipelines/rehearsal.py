"""A rehearsal: every system is constructed once before anything is built, so that a misspelt argument costs no encoding."""

from collections.abc import Mapping, Sequence
from typing import Any

from irloom.core.config import Builder
from irloom.core.errors import UnknownName
from irloom.indexing.collection import Collection
from irloom.indexing.parts import PartView
from irloom.indexing.snapshot_ids import SnapshotIds
from irloom.pipelines.build import PartRequest
from irloom.pipelines.tuning import TUNE


class _Promised(Collection):
    """A collection as it will be: it knows its parts, which is all that constructors ask for, and has no files."""

    def __init__(self, requests: Sequence[PartRequest]) -> None:
        self._builders = {request.name: request.builder for request in requests}

    def part(self, name: str) -> PartView:
        """The part as it will be."""
        if name not in self._builders:
            raise UnknownName("part", name, self._builders)
        made = self._builders[name]
        return PartView(name, made.kind, made.space, made.fingerprint, made.parameters, (), SnapshotIds([]))


def rehearse(systems: Mapping[str, Any], requests: Sequence[PartRequest], *, where: str) -> None:
    """Constructs every system over a collection that is not there yet, and forgets them.

    Args:
        systems: nodes by name, with their parts filled in.
        requests: the parts that the collection will have.
        where: the place that errors name.

    Raises:
        ConfigError: a node cannot be built, or an argument is unknown, missing or out of its range.
    """
    collection = _Promised(requests)
    nodes = {name: _with_weights(node) for name, node in systems.items()}
    builder = Builder(nodes, context={"collection": collection, "corpus": collection}, where=where)
    for name in nodes:
        builder.system(name)


def _with_weights(node: Any) -> Any:
    """The node with equal weights where they are still to be tuned."""
    if isinstance(node, list):
        return [_with_weights(item) for item in node]
    if not isinstance(node, dict):
        return node
    weights = node.get("weights")
    if weights == TUNE and isinstance(node.get("of"), list):
        return {**node, "of": _with_weights(node["of"]), "weights": [1.0] * len(node["of"])}
    return {key: _with_weights(value) for key, value in node.items()}
