import numpy as np

from irloom.eval.judged import JudgedRun
from irloom.eval.measures.average_precision import AP


def test_worked_values(judged: JudgedRun) -> None:
    # relevant: b at rank 2, d at rank 4, f not found
    np.testing.assert_allclose(AP().per_query(judged), [(1 / 2 + 2 / 4) / 3, 0, 0])
    np.testing.assert_allclose(AP(3).per_query(judged), [1 / 2 / 3, 0, 0])
    np.testing.assert_allclose(AP(rel=2).per_query(judged), [1 / 2 / 2, 0, 0])
    np.testing.assert_allclose(AP().per_query(judged, min_grade=2), [1 / 2 / 2, 0, 0])
