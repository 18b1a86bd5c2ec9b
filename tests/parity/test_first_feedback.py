"""Feedback into query vectors against the authors' code on seeded vectors."""

import numpy as np
import pytest
from numpy.typing import NDArray

from irloom.feedback.query_distillation import Vectors, towards_order, towards_scores

pytestmark = pytest.mark.parity

# Figures of scripts/distill.py of gangiswag/llm-reranker (commit 2d7cba4), run with torch 2.13 on the vectors that `case` makes:
# ce_top_k = n ("both") or 0 ("order"), llm_top_k = n, llm_loss = ranknet, learning_rate = 0.005, num_updates = 100; the teacher's scores
# are those of the first ranking, carried by place. The first eight numbers of each query vector, float32.
FIGURES = {
    "unit both": [-0.2085919, 0.0598613, 0.5212440, 0.1333909, -0.4405267, 0.4172448, 0.1769614, -0.5159826],
    "unit order": [-0.1929926, 0.1794011, 0.4013696, -0.1066584, -0.1862445, 0.0329660, -0.0205695, -0.2546360],
    "long both": [0.4968730, 0.5983056, -0.2332276, -0.3271648, -0.8544260, -0.3880597, 0.8130352, 1.0683784],
    "long order": [0.7990733, 0.2991652, -0.0624766, -0.0076590, -1.1514331, -0.4233851, 1.3272773, 0.9516458],
}
CASES = {"unit": (7, 20, 16, True), "long": (8, 100, 64, False)}


def case(seed: int, n: int, dim: int, unit: bool) -> tuple[Vectors, Vectors, NDArray[np.float32], Vectors, NDArray[np.int64]]:
    """A query vector, its passages best first, their scores, a cross-encoder's scores, and the places in an order of a teacher."""
    rng = np.random.default_rng(seed)
    passages, query = rng.standard_normal((n, dim)), rng.standard_normal(dim)
    if unit:
        passages /= np.linalg.norm(passages, axis=1, keepdims=True)
        query /= np.linalg.norm(query)
    passages, query = passages.astype(np.float32), query.astype(np.float32)
    scores = passages @ query
    order = np.argsort(-scores, kind="stable")
    crossed = rng.standard_normal(n).astype(np.float32) * 4
    return (
        query[None].astype(np.float64),
        passages[None, order].astype(np.float64),
        scores[order],
        crossed[None].astype(np.float64),
        rng.permutation(n),
    )


@pytest.mark.parametrize("name", FIGURES)
def test_vectors_equal_the_authors(name: str) -> None:
    size, stages = name.split()
    query, passages, scores, crossed, order = case(*CASES[size])
    moved = towards_scores(query, passages, crossed) if stages == "both" else query
    moved = towards_order(moved, passages[:, order], np.array([float(scores[0]) - float(scores[-1])]))
    assert moved[0, :8] == pytest.approx(FIGURES[name], abs=3e-6)
    assert np.abs(moved - query).max() > 0.015
