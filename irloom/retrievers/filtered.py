"""Filtered: a retriever that finds only documents that a filter allows."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.stage import Retriever
from irloom.core.types import Filter, Query


class Filtered(Retriever):
    """Asks a retriever within a filter, beside those that queries carry themselves.

    Args:
        retriever: what searches; in a pipeline it filters at its first stage, so that as many documents come as were asked for.
        where: the filter in its text form, such as `lang == "en"`.

    Raises:
        BadFilter: the text cannot be read.
    """

    def __init__(self, retriever: Retriever, where: str) -> None:
        self.retriever, self.where = retriever, Filter(where)

    @property
    def fingerprint(self) -> str:
        """The retriever's and the filter, hashed."""
        return short_hash("filtered", self.retriever.fingerprint, self.where.expression)

    @property
    def label(self) -> str:
        """The retriever's."""
        return self.retriever.label

    @property
    def exact_cuts(self) -> bool:
        """Whether the retriever's are."""
        return self.retriever.exact_cuts

    def warm_up(self) -> None:
        """Warms the retriever."""
        self.retriever.warm_up()

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        """The best `k` documents of each query that the filter allows.

        Raises:
            UnknownName: no document has a field that a filter names.
            BadValue: `k` is negative, two queries share an id, or a filter compares a field with a value of another kind.
        """
        return self.retriever.retrieve(within(queries, self.where), k=k)


def within(queries: Iterable[Query], where: Filter | None) -> list[Query]:
    """The queries, each of which finds only what the filter allows, beside its own filter."""
    if where is None:
        return list(queries)
    return [replace(query, where=where if query.where is None else query.where & where) for query in queries]
