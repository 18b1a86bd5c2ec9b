import numpy as np

from irloom.fusion.sorting import best_places


def test_best_places_sorts_each_query_by_score_then_place() -> None:
    scores = np.array([1, 3, 3, -np.inf, np.inf, -0.0, 0.0, -2], np.float32)
    assert best_places(scores, np.array([0, 4, 4, 8])).tolist() == [1, 2, 0, 3, 4, 5, 6, 7]
