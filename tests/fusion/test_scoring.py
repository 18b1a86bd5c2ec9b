import numpy as np
import pytest

from irloom.core.run import Run
from irloom.fusion.align import align
from irloom.fusion.scoring import greatest, least, mean_of_present, middle, normalised, times_found, weighted_sum


def test_columns_of_the_worked_example(pair: list[Run]) -> None:
    aligned = align(pair)  # documents d, c, b, a
    assert times_found(aligned).tolist() == [1, 1, 2, 2]
    np.testing.assert_allclose(normalised(aligned)[0], [0, 0, 2 / 3, 1])
    np.testing.assert_allclose(normalised(aligned, normalise="max", missing="min")[0], [0.25, 0.25, 0.75, 1])
    np.testing.assert_allclose(normalised(aligned, missing="skip")[0], [np.nan, 0, 2 / 3, 1])


def test_borda_says_what_missing_documents_get(pair: list[Run]) -> None:
    # four in the union, three in each run: 1 - i/4, and .5 - 2/8 for the one that is missing
    columns = normalised(align(pair), normalise="borda")  # d, c, b, a
    np.testing.assert_allclose(columns, [[0.25, 0.5, 0.75, 1], [0.75, 0.25, 1, 0.5]])
    mixed = normalised(align(pair), normalise=["borda", "minmax"], missing="skip")
    np.testing.assert_allclose(mixed, [[0.25, 0.5, 0.75, 1], [0.875, np.nan, 1, 0]])


@pytest.mark.parametrize("missing", ["zero", "min", "skip"])
def test_a_run_without_hits_takes_no_part(missing: str) -> None:
    runs = [Run.from_dict({"q": {"a": 3.0}}), Run.from_dict({"q": {}}), Run.from_dict({"other": {"z": 1.0}})]
    assert np.isnan(normalised(align(runs), normalise="none", missing=missing)[1:, 0]).all()


def test_combiners_read_what_is_there() -> None:
    columns = np.array([[1.0, np.nan, 4.0, 1.0], [5.0, 2.0, np.nan, 2.0], [3.0, 7.0, np.nan, 9.0]])
    assert mean_of_present(columns).tolist() == [3, 4.5, 4, 4]
    assert greatest(columns).tolist() == [5, 7, 4, 9]
    assert least(columns).tolist() == [1, 2, 4, 1]
    assert middle(columns).tolist() == [3, 4.5, 4, 2]
    assert weighted_sum(columns, [1, 10, 100]).tolist() == [351, 720, 4, 921]
