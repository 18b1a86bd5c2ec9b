"""Calibration: the least effort at which an index finds what was wished, measured with mixtures of its own vectors as queries."""

import logging
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.ann.family import Family, selector_of
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
LEAST = 16
"""The least effort in a graph."""
SHARE = 0.5
"""How much of another document is mixed into one: such a query lies about as far from its neighbours as a question from its answers."""
SIDES = 4
"""Directions, each with a filter that leaves documents of one side of the space, while the queries lie on both."""
LEFT = 0.3
"""The share of the documents that such a filter leaves."""
STEP = 1.5
"""How much greater each effort under a filter is than the one before; what is settled is a step above what was enough."""
HARDEST = 64.0
"""The most that the effort is multiplied with under a filter."""
SEED = 271828


def calibrate(recipe: Recipe, family: Family, rows: Rows) -> SegmentRecord:
    """Finds the settings of one segment; it aims half of the way from the recall wished to 1, since questions may be harder.

    Args:
        recipe: of the part.
        family: of this segment alone.
        rows: of the segment.
    """
    places = rows.sample(2 * QUERIES, seed=SEED)
    mixed = rows.take(np.random.default_rng(SEED).permutation(places))
    queries = np.ascontiguousarray(mixed[0::2][: len(mixed) // 2] + np.float32(SHARE) * mixed[1::2])
    levels = [k for k in LEVELS if k <= max(LEVELS[0], len(rows) // 10)]
    truth = _nearest(rows, queries, levels[-1])
    aim = (1 + recipe.recall) / 2
    settings, recalls = {}, {}
    least = LEAST if recipe.kind.family == "graph" or recipe.kind.code == "HNSW" else 1
    for k in levels:
        settings[k], recalls[k] = _settle(recipe, family, queries, truth[:, :k], documents=len(rows), aim=aim, least=least)
        least = settings[k].effort
        if recalls[k] < recipe.recall:
            logger.warning(
                "faiss: %s finds %.3f of the best %d at most, of %.2f wanted; take a kind with longer codes",
                recipe.name,
                recalls[k],
                k,
                recipe.recall,
            )
    filtered = _settle_filtered(family, rows, queries, settings[levels[0]], levels[0], aim=aim)
    told = ", ".join(f"{recalls[k]:.3f} of the best {k} at effort {settings[k].effort}, factor {settings[k].factor:g}" for k in levels)
    logger.info("faiss: %s over %d vectors finds %s; under a filter %g times the effort", recipe.name, len(rows), told, filtered)
    return SegmentRecord(len(rows), settings, recalls, filtered)


def _nearest(rows: Rows, queries: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """int64 (q, k): the places of the nearest vectors of each query, best first; of bool (q, n) allowed ones if given."""
    best = np.full((len(queries), k), -1, np.int64)
    scores = np.full((len(queries), k), -np.inf, np.float32)
    for first, block in rows.blocks():
        products = queries @ block.T
        if allowed is not None:
            products[~allowed[:, first : first + len(block)]] = -np.inf
        joined = np.concatenate([scores, products], axis=1)
        chosen = np.argpartition(joined, -k, axis=1)[:, -k:]
        scores = np.take_along_axis(joined, chosen, axis=1)
        held = np.concatenate([best, np.broadcast_to(np.arange(first, first + len(block)), products.shape)], axis=1)
        best = np.take_along_axis(held, chosen, axis=1)
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _settle_filtered(family: Family, rows: Rows, queries: NDArray[np.float32], setting: Setting, k: int, *, aim: float) -> float:
    """How many times the effort it takes where a filter leaves only documents of one side of the space.

    1 / LEFT of the effort would do where the filter has nothing to do with the query; here most queries lie on the other side.
    """
    directions = np.random.default_rng(SEED).standard_normal((SIDES, rows.dim)).astype(np.float32)
    places = np.concatenate([block @ directions.T for _, block in rows.blocks()])
    sides = places < np.quantile(places, LEFT, axis=0)
    chosen = np.arange(len(queries)) % SIDES
    truth = _nearest(rows, queries, min(k, int(LEFT * len(rows))), np.ascontiguousarray(sides.T)[chosen])
    times = 1.0
    while times < HARDEST:
        effort = min(math.ceil(setting.effort * times / LEFT), family.most[0])
        width = min(math.ceil(k * setting.factor / (1 if family.selects else LEFT)), len(rows))
        prepared = [family.prepare(np.ascontiguousarray(queries[chosen == side]), effort) for side in range(SIDES)]
        shares = []
        for side in range(SIDES):
            selector = selector_of(sides[:, side]) if family.selects else None
            found = family.find(0, prepared[side], width, effort, selector)
            shares.append(float((_ranks_in(found, truth[chosen == side]) < width).mean()))
        if np.mean(shares) >= aim or effort == family.most[0]:
            break
        times *= STEP
    return times * STEP


def _settle(
    recipe: Recipe,
    family: Family,
    queries: NDArray[np.float32],
    truth: NDArray[np.int64],
    *,
    documents: int,
    aim: float,
    least: int,
) -> tuple[Setting, float]:
    """The first effort at which some factor is enough, with the smallest such factor; and the recall there."""
    k = truth.shape[1]
    factors = [1.0] if recipe.kind.bits == 32 else [factor for factor in FACTORS if factor <= max(4.0, WIDEST / k)]
    best = Setting(least, factors[-1]), -1.0
    for effort in _efforts(least, family.most[0]):
        found = family.find(0, family.prepare(queries, effort), min(math.ceil(k * factors[-1]), documents), effort, None)
        where = _ranks_in(found, truth)
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


def _ranks_in(found: NDArray[np.int64], truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (q, k): the rank of each true neighbour among int64 (q, n) candidates; a great number where it is not."""
    ranks = np.full(truth.shape, np.iinfo(np.int64).max, np.int64)
    for row, places in enumerate(found):
        order = np.argsort(places, kind="stable")
        at = order[np.minimum(np.searchsorted(places, truth[row], sorter=order), len(places) - 1)]
        there = places[at] == truth[row]
        ranks[row, there] = at[there]
    return ranks
