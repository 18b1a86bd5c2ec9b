"""What the fused retrievers share: asking each component, and naming it in the fused run's columns."""

from collections.abc import Sequence

from irloom.core.errors import BadValue
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Query


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


def retrieve_all(of: Sequence[Retriever], queries: Sequence[Query], *, depth: int) -> list[Run]:
    """Each component's run at `depth`."""
    return [retriever.retrieve(queries, k=depth) for retriever in of]
