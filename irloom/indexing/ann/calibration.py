"""Calibration: the least effort at which an index finds what was wished, measured with mixtures of its own vectors as queries."""

import logging
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.ann.family import Family, selector_of
from irloom.indexing.ann.recipe import Recipe
from irloom.indexing.ann.rows import Rows
from irloom.indexing.ann.settings import HARDEST, SegmentRecord, Setting

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
FILTERS, CELLS, LEFT = 4, 16, 5
"""Filters that are tried: each leaves the documents nearest to LEFT of CELLS chosen ones; queries near the others are asked."""
STEP = 1.5
"""How much greater each effort under a filter is than the one before; what is settled is a step above what was enough, two for bits."""
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
    filtered = _settle_filtered(recipe, family, rows, queries, settings[levels[0]], aim=aim)
    told = ", ".join(f"{recalls[k]:.3f} of the best {k} at effort {settings[k].effort}, factor {settings[k].factor:g}" for k in levels)
    logger.info("faiss: %s over %d vectors finds %s; under a filter %g times the effort", recipe.name, len(rows), told, filtered)
    return SegmentRecord(len(rows), settings, recalls, filtered)


def _nearest(rows: Rows, queries: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """int64 (q, k): the places of the nearest vectors of each query, best first; of bool (n,) allowed ones if given."""
    best = np.full((len(queries), k), -1, np.int64)
    scores = np.full((len(queries), k), -np.inf, np.float32)
    for first, block in rows.blocks():
        products = queries @ block.T
        if allowed is not None:
            products[:, ~allowed[first : first + len(block)]] = -np.inf
        joined = np.concatenate([scores, products], axis=1)
        chosen = np.argpartition(joined, -k, axis=1)[:, -k:]
        scores = np.take_along_axis(joined, chosen, axis=1)
        held = np.concatenate([best, np.broadcast_to(np.arange(first, first + len(block)), products.shape)], axis=1)
        best = np.take_along_axis(held, chosen, axis=1)
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _settle_filtered(recipe: Recipe, family: Family, rows: Rows, queries: NDArray[np.float32], setting: Setting, *, aim: float) -> float:
    """How many times the effort and the candidates it takes where a filter follows the vectors, as topics and languages do.

    Beside what the share of the allowed documents asks for: that would do where the filter has nothing to do with the query. Here the
    documents around the query are those that it keeps out. More than HARDEST stands for "all that are allowed should be scanned".
    """
    k = LEVELS[0]
    worst = 1.0
    for number in range(FILTERS):
        centres = rows.take(rows.sample(CELLS, seed=SEED + 1 + number))
        allowed = np.concatenate([(block @ centres.T).argmax(axis=1) < LEFT for _, block in rows.blocks()])
        asked = queries[(queries @ centres.T).argmax(axis=1) >= LEFT]
        count = int(allowed.sum())
        if not len(asked) or count < k:
            continue
        truth = _nearest(rows, asked, k, allowed)
        selector = selector_of(allowed) if family.selects else None
        share, times = count / len(rows), worst
        while times <= HARDEST:
            effort = min(math.ceil(setting.effort * times / share), family.most[0])
            spread = 1.0 if recipe.kind.bits == 32 else times
            width = min(math.ceil(k * setting.factor * spread / (1 if family.selects else share)), len(rows))
            found = family.find(0, family.prepare(asked, effort), width, effort, selector)
            if (_ranks_in(found, truth) < width).mean() >= aim:
                break
            times *= STEP
        worst = times
    return worst * STEP ** (2 if recipe.kind.family == "bits" else 1)


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
