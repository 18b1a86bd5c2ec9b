"""The two runs of the worked examples, and a retriever that gives back a run."""

from collections.abc import Mapping, Sequence

import pytest

from irloom.core.run import Run
from irloom.core.stage import Retriever, check_request
from irloom.core.types import Query


class Fixed(Retriever):
    """Gives each query the ranking that it has for the query's id."""

    def __init__(self, scores: Mapping[str, Mapping[str, float]]) -> None:
        self.run = Run.from_dict(scores)
        self.warm = False

    @property
    def fingerprint(self) -> str:
        return repr({query_id: list(self.run[query_id]) for query_id in self.run})

    def warm_up(self) -> None:
        self.warm = True

    def retrieve(self, queries: Sequence[Query], *, k: int) -> Run:
        check_request(queries, k)
        known = {query.id: self.run[query.id].cut(k) if query.id in self.run else self.run["q"].cut(0) for query in queries}
        return Run.from_rankings(known)


A = {"a": 12.0, "b": 9.0, "c": 3.0}
B = {"b": 0.9, "d": 0.8, "a": 0.1}


@pytest.fixture
def pair() -> list[Run]:
    return [Run.from_dict({"q": A}), Run.from_dict({"q": B})]


@pytest.fixture
def retrievers() -> list[Fixed]:
    return [Fixed({"q": A}), Fixed({"q": B})]
