"""A run and judgments with what conversions stumble over."""

import numpy as np
import pytest

from irloom.core.ranking import Ranking
from irloom.core.run import Run


@pytest.fixture
def run() -> Run:
    """Ties in id order and against it, a query without hits, scores of both signs, ids of digits."""
    return Run.from_rankings(
        {
            "q10": Ranking(["d2", "d1", "d10"], np.array([2.5, 2.5, -1.0], np.float32)),
            "9": Ranking(["007", "7", "é"], np.array([0.1, 0.1, 0.1], np.float32)),
            "nothing": Ranking([], np.array([], np.float32)),
        }
    )


@pytest.fixture
def qrels() -> dict[str, dict[str, int]]:
    return {"q10": {"d1": 2, "d10": 0}, "9": {"7": -1}}


def rows(run: Run) -> dict[str, list[tuple[str, float]]]:
    return {query_id: list(ranking) for query_id, ranking in run.items()}
