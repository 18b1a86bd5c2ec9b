"""Where a run ranks documents that are asked for."""

from collections.abc import Collection, Mapping

import numpy as np

from irloom.core.run import Run


def document_ranks(run: Run, wanted: Mapping[str, Collection[str]]) -> dict[str, dict[str, int]]:
    """The rank, from 1, of each wanted document that the run holds.

    Args:
        run: rankings by query.
        wanted: document ids by query; sets or mappings, since they are looked into.

    Returns:
        Rank by query id, then document id, best first; every query of `wanted` has its key.

    >>> document_ranks(Run.from_dict({"q": {"a": 2.0, "b": 1.0}}), {"q": {"b", "c"}, "r": {"a"}})
    {'q': {'b': 2}, 'r': {}}
    """
    asked = {doc_id for doc_ids in wanted.values() for doc_id in doc_ids}
    known = np.fromiter((doc_id in asked for doc_id in run.doc_ids), np.bool_, len(run.doc_ids))
    places = np.flatnonzero(known[run.docs])
    rows = np.searchsorted(run.offsets, places, side="right") - 1
    ranks = places - run.offsets[rows] + 1
    found: dict[str, dict[str, int]] = {query_id: {} for query_id in wanted}
    for row, doc, rank in zip(rows.tolist(), run.docs[places].tolist(), ranks.tolist(), strict=True):
        query_id, doc_id = run.query_ids[row], run.doc_ids[doc]
        if doc_id in wanted.get(query_id, ()):
            found[query_id][doc_id] = rank
    return found
