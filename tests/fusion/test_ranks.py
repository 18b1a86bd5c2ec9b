import numpy as np
import pytest

from irloom.core.run import Run
from irloom.fusion.align import align
from irloom.fusion.ranks import borda_points, inverse_squares, log_inverse_squares, rank_biased_centroid, reciprocal_ranks


def test_values_of_the_worked_example(pair: list[Run]) -> None:
    aligned = align(pair)  # documents d, c, b, a; ranks: a 1 and 3, b 2 and 1, c 3, d 2
    np.testing.assert_allclose(reciprocal_ranks(aligned, c=0), [1 / 2, 1 / 3, 1 / 2 + 1, 1 + 1 / 3])
    np.testing.assert_allclose(inverse_squares(aligned), [1 / 4, 1 / 9, 2 * (1 / 4 + 1), 2 * (1 + 1 / 9)])
    np.testing.assert_allclose(log_inverse_squares(aligned), [0, 0, np.log(2) * 5 / 4, np.log(2) * 10 / 9])
    np.testing.assert_allclose(rank_biased_centroid(aligned, phi=0.5), [0.25, 0.125, 0.75, 0.625])
    np.testing.assert_allclose(borda_points(aligned), [4, 3, 7, 6])


def test_borda_gives_each_run_the_same_number_of_points() -> None:
    rng = np.random.default_rng(0)
    runs = [Run.from_dict({"q": {f"d{d}": float(rng.random()) for d in rng.permutation(9)[:size]}}) for size in (3, 9, 0, 5)]
    aligned = align(runs)
    assert borda_points(aligned).sum() == pytest.approx(len(runs) * len(aligned) * (len(aligned) + 1) / 2)
