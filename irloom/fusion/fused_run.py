"""Fused scores to the fused run."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from irloom.core.errors import BadValue, DataError
from irloom.core.run import Run
from irloom.fusion.align import Aligned
from irloom.fusion.joined_ids import JoinedIds
from irloom.fusion.sorting import best_places


def fused_run(blocks: Iterable[tuple[Aligned, NDArray[np.float64]]], *, k: int | None = None, names: Sequence[str] = ()) -> Run:
    """The fused run: sorted by score, then document id, both descending.

    Args:
        blocks: one or more blocks of queries over the same ids, each with its scores, float64 (n,), kept as float32.
        k: how many documents a query keeps; None for all.
        names: one per run to keep its scores as the column of that name, or none.

    Raises:
        BadValue: `k` is negative.
        DataError: a score is too large for float32.
    """
    if k is not None and k < 0:
        raise BadValue("k", k, "0 or more")
    query_ids: list[str] = []
    ids = JoinedIds((), np.empty(0, np.int32), ())
    lengths, docs, values = [np.empty(0, np.int64)], [np.empty(0, np.int32)], [np.empty(0, np.float32)]
    columns: dict[str, list[NDArray[np.float32]]] = {name: [np.empty(0, np.float32)] for name in names}
    for block, scores in blocks:
        ids = block.ids
        with np.errstate(over="ignore"):
            rounded = scores.astype(np.float32)
        if not np.isfinite(rounded).all():
            raise DataError("fused scores are too large for float32, so that their order would be lost; take smaller weights or normalise")
        kept, own_lengths = _first(best_places(rounded, block.offsets), block.offsets, k)
        query_ids += block.query_ids
        lengths.append(own_lengths)
        docs.append(ids.order[block.docs[kept]])
        values.append(rounded[kept])
        for run, name in enumerate(names):
            columns[name].append(block.spread(run)[kept])
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(lengths))])
    joined = {name: np.concatenate(column) for name, column in columns.items()}
    return Run(query_ids, offsets, np.concatenate(docs), np.concatenate(values), ids.doc_ids, columns=joined)


def _first(places: NDArray[np.int64], offsets: NDArray[np.int64], k: int | None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first `k` places of each query, and how many each has."""
    lengths = np.diff(offsets)
    if k is None or not len(lengths) or int(lengths.max()) <= k:
        return places, lengths
    return places[np.arange(len(places)) - np.repeat(offsets[:-1], lengths) < k], np.minimum(lengths, k)
