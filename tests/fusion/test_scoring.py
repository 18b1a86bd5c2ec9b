import numpy as np

from irloom.core.run import Run
from irloom.fusion.align import align
from irloom.fusion.scoring import normalised, reciprocal_ranks, times_found


def test_columns_of_the_worked_example(pair: list[Run]) -> None:
    aligned = align(pair)  # documents d, c, b, a
    assert times_found(aligned).tolist() == [1, 1, 2, 2]
    np.testing.assert_allclose(normalised(aligned)[0], [0, 0, 2 / 3, 1])
    np.testing.assert_allclose(normalised(aligned, normalise="max", missing="min")[0], [0.25, 0.25, 0.75, 1])
    np.testing.assert_allclose(reciprocal_ranks(aligned, c=0), [1 / 2, 1 / 3, 1 / 2 + 1, 1 + 1 / 3])
