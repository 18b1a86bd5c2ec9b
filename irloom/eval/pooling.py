"""Pooling: the first documents of several runs, together, for people to judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from irloom.core.errors import BadValue
from irloom.core.files import short_hash
from irloom.core.run import Run
from irloom.core.types import Qrels


@dataclass(frozen=True, slots=True)
class Pooled:
    """A document of the pool of one query.

    Attributes:
        query_id: the query.
        doc_id: the document.
        sources: its rank, from 1, in each run that brought it, by the run's name.
    """

    query_id: str
    doc_id: str
    sources: Mapping[str, int] = field(hash=False)


def pool_runs(runs: Mapping[str, Run], *, depth: int = 10, seed: int = 0, judged: Qrels | None = None) -> list[Pooled]:
    """The first documents of each run, each once a query, in an order that tells nothing of where they came from.

    Queries stand in the order in which the runs have them; within a query the order is drawn by the seed, the same on every machine, and a
    document keeps its place relative to others when runs are added.

    Args:
        runs: by name.
        depth: how many documents of each ranking, 1 or more.
        seed: of the order.
        judged: documents that have a judgment already are left out; None for no judgments.

    Raises:
        BadValue: there is no run, or `depth` is below 1.

    Paper: Sparck Jones and van Rijsbergen, "Report on the need for and provision of an 'ideal' information retrieval test
        collection", 1975.

    >>> runs = {"a": Run.from_dict({"q": {"x": 2.0, "y": 1.0}}), "b": Run.from_dict({"q": {"y": 2.0, "z": 1.0}})}
    >>> sorted((one.doc_id, dict(one.sources)) for one in pool_runs(runs, judged={"q": {"z": 1}}))
    [('x', {'a': 1}), ('y', {'a': 2, 'b': 1})]
    """
    if not runs:
        raise BadValue("runs", [], "at least one run")
    if depth < 1:
        raise BadValue("depth", depth, "1 or more")
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, run in runs.items():
        for query_id, ranking in run.cut(depth).items():
            known, documents = (judged or {}).get(query_id, {}), found.setdefault(query_id, {})
            for rank, doc_id in enumerate(ranking.doc_ids, 1):
                if doc_id not in known:
                    documents.setdefault(doc_id, {})[name] = rank
    pool = []
    for query_id, documents in found.items():
        order = sorted(documents, key=lambda doc_id: short_hash(str(seed), query_id, doc_id))
        pool += [Pooled(query_id, doc_id, documents[doc_id]) for doc_id in order]
    return pool
