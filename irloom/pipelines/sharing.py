"""SharingBuilder: systems out of their nodes, whose stages share their runs."""

from typing import Any

from irloom.core.config import Builder
from irloom.core.stage import Reranker, Retriever
from irloom.pipelines.asked_once import AskedOnce
from irloom.pipelines.shared import Runs, Shared


class SharingBuilder(Builder):
    """Builds systems whose stages, and the beginnings of whose pipelines, share their runs."""

    def __init__(self, systems: dict[str, Any], *, context: dict[str, object], where: str) -> None:
        super().__init__(systems, context=context, where=where)
        self.runs = Runs()

    def system(self, name: str) -> Retriever:
        """The system of that name, built once."""
        built = super().system(name)
        if isinstance(built, Shared) and not built.name:
            built.name = name
        return built

    def retriever(self, node: Any, *, where: str) -> Retriever:
        """The retriever that a node describes; each beginning of a list is a stage of its own."""
        if isinstance(node, list) and len(node) > 2:
            built: Retriever = self.retriever(node[:-1], where=where) >> self.reranker(node[-1], where=f"{where}[{len(node) - 1}]")
        else:
            built = super().retriever(node, where=where)
        return built if isinstance(built, Shared) else Shared(built, self.runs)

    def reranker(self, node: Any, *, where: str) -> Reranker:
        """The reranker that a node describes; one behind a server is not asked a second time for the latency."""
        return AskedOnce(super().reranker(node, where=where), self.runs)
