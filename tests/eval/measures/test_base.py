import numpy as np
import pytest

from irloom.core.errors import BadValue
from irloom.eval.measures.base import Measure, ratio, running
from irloom.eval.measures.names import MEASURES
from irloom.eval.measures.recall import R


@pytest.mark.parametrize("kind", MEASURES.values())
@pytest.mark.parametrize("value", [0, -1, 2.0, True, "10"])
def test_a_cut_is_an_integer_from_one_up(kind: type[Measure], value: object) -> None:
    with pytest.raises(BadValue, match="cut"):
        kind(value)


def test_measures_are_values() -> None:
    assert R(10) == R(10)
    assert R(10) != R(100)
    assert len({R(10), R(10), R(10, rel=1)}) == 2


def test_nothing_over_nothing_is_nothing() -> None:
    assert ratio(np.array([1.0, 0.0, 0.0]), np.array([2.0, 0.0, 3.0])).tolist() == [0.5, 0, 0]


def test_running_sums_start_anew_in_each_group() -> None:
    assert running(np.array([0, 0, 2, 2, 2]), np.array([1.0, 2.0, 3.0, 0.0, 1.0])).tolist() == [1, 3, 3, 3, 4]
    assert running(np.empty(0, np.int64), np.empty(0)).tolist() == []
