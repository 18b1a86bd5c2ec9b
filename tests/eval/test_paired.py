import math

import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.eval.paired import paired_differences, ratio, summary


def test_differences_leave_rounding_out() -> None:
    """0.1 + 0.2 is not 0.3, and 1e-13 is nothing beside 1; beside nothing it is something, and 1e9 + 1 is not 1e9."""
    np.testing.assert_array_equal(paired_differences([0.1 + 0.2, 1 + 1e-13, 1e-13, 1e9 + 1], [0.3, 1, 0, 1e9]), [0, 0, 1e-13, 1])


def test_the_arguments_stay_as_they_are() -> None:
    a, b = np.array([0.1 + 0.2]), np.array([0.3])
    paired_differences(a, b)
    assert (a[0], b[0]) == (0.1 + 0.2, 0.3)


def test_summary() -> None:
    """1, 2, 3, 6: mean 3, squared distances 4 + 1 + 0 + 9 = 14 over 3."""
    mean, deviation, queries = summary(np.array([1.0, 2.0, 3.0, 6.0]))
    assert (mean, deviation, queries) == (3, pytest.approx(math.sqrt(14 / 3)), 4)
    assert summary(np.array([0.25])) == (0.25, 0, 1)
    assert summary(np.array([0.3 - 0.2, 0.5 - 0.4, 0.7 - 0.6]))[1] == 0


def test_ratio() -> None:
    assert (ratio(3, 2), ratio(0, 0), ratio(1, 0), ratio(-1, 0)) == (1.5, 0, math.inf, -math.inf)


@pytest.mark.parametrize("pair", [([], []), ([1], [1, 2]), ([[1]], [[1]]), ([math.inf], [1]), ([1], [math.nan])])
def test_what_cannot_be_paired(pair) -> None:
    with pytest.raises(BadValue, match="a, b"):
        paired_differences(*pair)
