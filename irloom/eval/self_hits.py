"""Self hits: documents whose id is the query's, in collections that hold their own queries."""

from irloom.core.ranking import Ranking
from irloom.core.run import Run


def without_self_hits(run: Run) -> Run:
    """The run without hits whose id is the query's; the order of the others stays.

    >>> dict(without_self_hits(Run.from_dict({"a": {"a": 3.0, "b": 2.0}}))["a"])
    {'b': 2.0}
    """
    rankings = {}
    for query_id, ranking in run.items():
        kept = [place for place, doc_id in enumerate(ranking.doc_ids) if doc_id != query_id]
        rankings[query_id] = Ranking([ranking.doc_ids[place] for place in kept], ranking.scores[kept])
    return Run.from_rankings(rankings, notes=run.notes)
