"""FLOPS: how much work sparse vectors make, whatever engine searches them."""

import numpy as np
from numpy.typing import NDArray

from irloom.core.batches import SparseBatch
from irloom.core.errors import BadValue


def flops(queries: SparseBatch, documents: SparseBatch) -> float:
    """The expected number of products in the score of a query and a document: the terms that both are expected to hold.

    It is the sum over terms of the shares of queries and of documents in which the term has a weight other than 0, so it
    depends on the set of queries that is measured.

    Args:
        queries: sparse vectors of queries, one or more.
        documents: sparse vectors of documents over the same terms, one or more.

    Raises:
        BadValue: there are no queries or no documents.

    Paper: Paria et al., "Minimizing FLOPs to learn efficient sparse representations", 2020, equation 3; Formal et al., "SPLADE v2",
        2021, section 3.
    """
    for name, batch in (("queries", queries), ("documents", documents)):
        if not len(batch):
            raise BadValue(name, 0, "one vector or more")
    active = [_activations(batch) for batch in (queries, documents)]
    width = min(map(len, active))
    return float(active[0][:width] @ active[1][:width])


def _activations(batch: SparseBatch) -> NDArray[np.float64]:
    """float64 (terms,): the share of rows in which each term is active."""
    shares: NDArray[np.float64] = np.bincount(batch.term_ids[batch.weights != 0]) / len(batch)
    return shares
