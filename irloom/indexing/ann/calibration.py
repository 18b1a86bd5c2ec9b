"""Calibration: the least effort at which an index finds what was wished, measured on some of its own documents as queries."""

import logging
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.ann.family import Family
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.rows import Rows
from irloom.indexing.ann.settings import SegmentRecord, Setting

logger = logging.getLogger(__name__)

LEVELS = (10, 100, 1000)
"""Numbers of documents wanted, each with a setting of its own."""
QUERIES = 200
FACTORS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0)
WIDEST = 4000
"""Candidates that are tried at most, of each query."""
SEED = 271828


def calibrate(recipe: Recipe, family: Family, rows: Rows) -> SegmentRecord:
    """Finds the settings of one segment.

    A document that serves as a query finds itself without effort, so it is not counted; other documents lie a little nearer to it than
    those that answer a question lie to the question, so the aim is a third of the way from the recall wished to 1.

    Args:
        recipe: of the part.
        family: of this segment alone.
        rows: of the segment.
    """
    places = rows.sample(QUERIES, seed=SEED)
    queries = rows.take(places)
    levels = [k for k in LEVELS if k <= max(LEVELS[0], len(rows) // 10)]
    truth = _nearest(rows, queries, places, levels[-1])
    aim = recipe.recall + (1 - recipe.recall) / 3
    settings, recalls = {}, {}
    least = 1
    for k in levels:
        settings[k], recalls[k] = _settle(recipe, family, queries, places, truth[:, :k], aim=aim, least=least)
        least = settings[k].effort
        if recalls[k] < recipe.recall:
            logger.warning(
                "faiss: %s finds %.3f of the best %d at most, of %.2f wanted; take a kind with longer codes",
                recipe.name,
                recalls[k],
                k,
                recipe.recall,
            )
    told = ", ".join(f"{recalls[k]:.3f} of the best {k} at effort {settings[k].effort}, factor {settings[k].factor:g}" for k in levels)
    logger.info("faiss: %s over %d vectors finds %s", recipe.name, len(rows), told)
    return SegmentRecord(len(rows), settings, recalls)


def _nearest(rows: Rows, queries: NDArray[np.float32], places: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """int64 (q, k): the places of the nearest vectors of each query, without its own; best first."""
    k = min(k, len(rows) - 1)
    best = np.full((len(queries), k), -1, np.int64)
    scores = np.full((len(queries), k), -np.inf, np.float32)
    for first, block in rows.blocks():
        products = queries @ block.T
        own = (places >= first) & (places < first + len(block))
        products[own, places[own] - first] = -np.inf
        joined = np.concatenate([scores, products], axis=1)
        chosen = np.argpartition(joined, -k, axis=1)[:, -k:]
        scores = np.take_along_axis(joined, chosen, axis=1)
        held = np.concatenate([best, np.broadcast_to(np.arange(first, first + len(block)), products.shape)], axis=1)
        best = np.take_along_axis(held, chosen, axis=1)
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _settle(
    recipe: Recipe,
    family: Family,
    queries: NDArray[np.float32],
    places: NDArray[np.int64],
    truth: NDArray[np.int64],
    *,
    aim: float,
    least: int,
) -> tuple[Setting, float]:
    """The first effort at which some factor is enough, with the smallest such factor; and the recall there."""
    k = truth.shape[1]
    factors = [1.0] if recipe.kind.bits == 32 else [factor for factor in FACTORS if factor <= max(4.0, WIDEST / k)]
    best = Setting(least, factors[-1]), -1.0
    for effort in _efforts(least, family.most[0]):
        found = family.find(0, family.prepare(queries, effort), math.ceil(k * factors[-1]) + 1, effort, None)
        where = _ranks_in(found, truth, places)
        shares = [float((where < math.ceil(k * factor)).mean()) for factor in factors]
        if shares[-1] > best[1]:
            best = Setting(effort, factors[-1]), shares[-1]
        if shares[-1] >= aim:
            chosen = next(place for place, share in enumerate(shares) if share >= aim)
            return Setting(effort, factors[chosen]), shares[chosen]
    return best


def _efforts(least: int, most: int) -> Iterator[int]:
    """Efforts from `least` to `most`, each about a quarter more than the one before."""
    effort = min(least, most)
    while effort < most:
        yield effort
        effort = max(effort + 1, effort * 5 // 4)
    yield most


def _ranks_in(found: NDArray[np.int64], truth: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (q, k): the rank of each true neighbour among the candidates without the query's own; a great number where it is not."""
    ranks = np.full(truth.shape, np.iinfo(np.int64).max, np.int64)
    for row in range(len(found)):
        kept = found[row][(found[row] != places[row]) & (found[row] >= 0)]
        order = np.argsort(kept, kind="stable")
        at = np.searchsorted(kept, truth[row], sorter=order)
        at = order[np.minimum(at, len(kept) - 1)] if len(kept) else np.zeros(truth.shape[1], np.int64)
        there = kept[at] == truth[row] if len(kept) else np.zeros(truth.shape[1], np.bool_)
        ranks[row, there] = at[there]
    return ranks
